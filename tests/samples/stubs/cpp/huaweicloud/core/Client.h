// A stand-in for the core of the vendor's SDK: it has the names that samples use, and answers with what it was given.
#pragma once
#include "huaweicloud/core/auth/BasicCredentials.h"
#include "huaweicloud/core/exception/Exceptions.h"
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

namespace HuaweiCloud {
namespace Sdk {
namespace Core {
namespace Http {
class HttpRequestDef {};

class HttpResponse {
public:
    explicit HttpResponse(std::string body) : body_(std::move(body)) {}
    int getStatusCode() const { return 200; }
    std::string getHeaderParams() const { return ""; }
    std::string getHttpBody() const { return body_; }

private:
    std::string body_;
};
}

class Client {
public:
    using Map = std::map<std::string, std::string>;

    std::unique_ptr<Http::HttpResponse> callApi(const std::string &, const std::string &, const Map &pathParams,
        const Map &queryParams, const Map &, const std::string &body, const Http::HttpRequestDef &) {
        if (std::getenv("STUB_REFUSES")) {
            throw Exception::ServiceResponseException();
        }
        std::string all;
        for (const auto &pair : pathParams) {
            all += pair.second;
        }
        for (const auto &pair : queryParams) {
            all += " " + pair.first + "=" + pair.second;
        }
        return std::make_unique<Http::HttpResponse>(all + body);
    }
};
}
}
}
