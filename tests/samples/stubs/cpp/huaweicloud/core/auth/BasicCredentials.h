#pragma once
#include <string>

namespace HuaweiCloud {
namespace Sdk {
namespace Core {
namespace Auth {
class Credentials {
public:
    virtual ~Credentials() = default;
};

class BasicCredentials : public Credentials {
public:
    BasicCredentials &withAk(const std::string &) { return *this; }
    BasicCredentials &withSk(const std::string &) { return *this; }
    BasicCredentials &withProjectId(const std::string &) { return *this; }
};
}
}
}
}
