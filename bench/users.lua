-- Requests for the users of a file in turn, one id a line: wrk … -- FILE PROJECT
local requests, at = {}, 0

function init(arguments)
    for id in io.lines(arguments[1]) do
        local path = "/v2/" .. arguments[2] .. "/users/" .. id .. "/random-password"
        requests[#requests + 1] = wrk.format("GET", path)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
