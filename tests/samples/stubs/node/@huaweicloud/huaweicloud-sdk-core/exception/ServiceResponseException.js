exports.ServiceResponseException = class extends Error {
  httpStatusCode = 403;
  errorCode = "CODE";
  errorMsg = "message";
  requestId = "an-id";
  encodedAuthorizationMessage = "sealed";
};
