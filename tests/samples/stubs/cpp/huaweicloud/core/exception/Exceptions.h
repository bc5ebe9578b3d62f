#pragma once
#include <string>

namespace HuaweiCloud {
namespace Sdk {
namespace Core {
namespace Exception {
class ServiceResponseException {
public:
    int getStatusCode() const { return 403; }
    std::string getErrorCode() const { return "CODE"; }
    std::string getErrorMsg() const { return "message"; }
    std::string getRequestId() const { return "an-id"; }
};
}
}
}
}
