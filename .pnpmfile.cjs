// The node-* packages (Node itself, one per platform) give `os` and `cpu` as strings.
// pnpm expects lists, and would otherwise download every platform's Node.
function readPackage(pkg) {
  if (pkg.name.startsWith("node-")) {
    if (typeof pkg.os === "string") pkg.os = [pkg.os];
    if (typeof pkg.cpu === "string") pkg.cpu = [pkg.cpu];
  }
  return pkg;
}

module.exports = { hooks: { readPackage } };
