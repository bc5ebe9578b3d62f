#pragma once
#include "huaweicloud/core/Client.h"

namespace HuaweiCloud {
namespace Sdk {
namespace Core {
template <typename T> class ClientBuilder {
public:
    explicit ClientBuilder(const std::string &) {}
    ClientBuilder &withCredentials(std::unique_ptr<Auth::Credentials>) { return *this; }
    ClientBuilder &withEndPoint(const std::string &) { return *this; }
    std::unique_ptr<T> build() { return std::make_unique<T>(); }
};
}
}
}
