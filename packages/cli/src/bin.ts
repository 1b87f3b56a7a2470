#!/usr/bin/env node
/** The entry of the `greenroom` command. */
