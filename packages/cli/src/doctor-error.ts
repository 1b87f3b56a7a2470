/** Why the doctor could not run at all: misuse, no configuration, or one that cannot be read. */

/** Ends the command with exit code 2. */
export class DoctorError extends Error {
  override readonly name = "DoctorError";
  /** What to do about it. */
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
