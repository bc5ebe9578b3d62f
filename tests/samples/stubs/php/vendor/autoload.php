<?php
// A stand-in for the core of the vendor's SDK: it has the names that samples use, and answers with what it was given.

namespace HuaweiCloud\SDK\Core\Auth {
    class BasicCredentials
    {
        public function __construct(public string $ak, public string $sk, public string $project) {}
    }
}

namespace HuaweiCloud\SDK\Core\Http {
    class HttpConfig
    {
        public static function getDefaultConfig() { return new self(); }
    }
}

namespace HuaweiCloud\SDK\Core\Exceptions {
    class ServiceResponseException extends \Exception
    {
        public function getHttpStatusCode() { return 403; }
        public function getErrorCode() { return 'CODE'; }
        public function getErrorMsg() { return 'message'; }
        public function getRequestId() { return 'an-id'; }
    }
}

namespace HuaweiCloud\SDK\Core\Utils {
    interface ModelInterface
    {
        public function getModelName();
        public static function openAPITypes();
        public static function openAPIFormats();
        public static function attributeMap();
        public static function setters();
        public static function getters();
        public function listInvalidProperties();
        public function valid();
    }
}

namespace HuaweiCloud\SDK\Core {
    trait SdkResponse
    {
        private $headerParams;
        private $body;

        public function getHeaderParams() { return $this->headerParams; }
        public function setHeaderParams($headerParams) { $this->headerParams = $headerParams; }
        public function getBody() { return $this->body; }
        public function setBody($body) { $this->body = $body; }
    }

    class Client
    {
        public function doHttpRequest(
            $method, $path, $pathParams, $queryParams, $headerParams, $body, $multipart, $postParams, $responseType
        ) {
            if (getenv('STUB_REFUSES')) {
                throw new Exceptions\ServiceResponseException();
            }
            $answer = new $responseType();
            if (!$answer instanceof Utils\ModelInterface) {
                throw new \TypeError("$responseType is not a ModelInterface");
            }
            $user = $pathParams['user_id'] ?? '';
            $given = [
                'password' => $user, 'id' => $user, 'decoded_message' => 'opened', 'query' => $queryParams, 'body' => $body,
            ];
            $answer->setBody(json_encode($given));
            $answer->setHeaderParams(['X-Subject-Token' => [json_encode($body)]]);
            return $answer;
        }
    }

    class ClientBuilder
    {
        public function __construct(private Client $client) {}
        public function withHttpConfig(Http\HttpConfig $config) { return $this; }
        public function withEndpoint(string $endpoint) { return $this; }
        public function withCredentials(Auth\BasicCredentials $credentials) { return $this; }
        public function build() { return $this->client; }
    }
}
