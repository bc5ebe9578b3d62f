// A stand-in that answers with what it was given.
const { ServiceResponseException } = require("./exception/ServiceResponseException.js");

const core = {
  async sendRequest({ pathParams, queryParams, data }) {
    if (process.env.STUB_REFUSES) throw new ServiceResponseException();
    return { password: pathParams.user_id, queryParams, data };
  },
};

exports.ClientBuilder = class {
  constructor(init) { this.init = init; }
  withCredential() { return this; }
  withEndpoint() { return this; }
  build() { return this.init(core); }
};
