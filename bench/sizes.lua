-- Requests of mixed sizes for one path, from a few bytes more to two thousand: wrk … -- PATH
local requests, at = {}, 0

function init(arguments)
    for step = 0, 199 do
        wrk.headers["X-Filling"] = string.rep("x", step * 7919 % 2000 + 1)
        requests[#requests + 1] = wrk.format("GET", arguments[1])
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
