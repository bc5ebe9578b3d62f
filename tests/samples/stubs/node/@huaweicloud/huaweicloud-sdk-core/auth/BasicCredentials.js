// A stand-in that has the names that samples use.
exports.BasicCredentials = class {
  withAk() { return this; }
  withSk() { return this; }
  withProjectId() { return this; }
};
