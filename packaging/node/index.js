"use strict";

const { AdminError } = require("./lib/admin.js");
const { ExpectationError } = require("./lib/clone.js");
const { start } = require("./lib/server.js");

module.exports = { AdminError, ExpectationError, start };
