"""The atomic steps of rooms in Redis. A step changes and tells in one go, so all servers see one order.

KEYS of all of them: the room, the answers to its question, who listens where, that it was closed, and the
index of all rooms by when they end. The name of the room's key is also that of its channel.
"""

from __future__ import annotations

_COMMON = """
local room, answers, listening, closed, index = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now = tonumber(redis.call('TIME')[1])
local function there() return redis.call('EXISTS', room) == 1 end
local function keep(code, idle_s)
    redis.call('EXPIRE', room, idle_s)
    redis.call('EXPIRE', answers, idle_s)
    redis.call('EXPIRE', listening, idle_s)
    redis.call('ZADD', index, now + idle_s, code)
end
"""

# ARGV: code, idle_s, the most rooms, 1 to bring back a room that Redis has lost; then the fields.
# 1: made; 0: the code is taken, or the room was closed; -1: there are too many.
CREATE = (
    _COMMON
    + """
redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
if there() then return 0 end
if ARGV[4] == '1' and redis.call('EXISTS', closed) == 1 then return 0 end
if ARGV[4] == '0' and redis.call('ZCARD', index) >= tonumber(ARGV[3]) then return -1 end
redis.call('HSET', room, unpack(ARGV, 5))
keep(ARGV[1], tonumber(ARGV[2]))
return 1
"""
)

# ARGV: slice, value, by, the question that must be there or '', the id of a new question or '', whether
# it takes answers.
CHANGE = (
    _COMMON
    + """
local slice, value, by, needed, question, taking = unpack(ARGV)
if not there() then return 0 end
local before = redis.call('HGET', room, 'question_id')
if needed ~= '' and before ~= needed then return 0 end
if slice == 'question' then
    if before ~= question then redis.call('DEL', answers) end
    redis.call('HSET', room, 'question_id', question, 'taking', taking)
end
redis.call('HSET', room, slice, value)
local n = redis.call('HINCRBY', room, 'n', 1)
local told = '{"n":%d,"slice":"%s","by":"%s","value":'
redis.call('PUBLISH', room, string.format(told, n, slice, by) .. value .. '}')
return 1
"""
)

# ARGV: the lesson and where it stands, or null; by.
KEEP_LESSON = (
    _COMMON
    + """
if not there() then return 0 end
redis.call('HSET', room, 'lesson', ARGV[1])
redis.call('PUBLISH', room, string.format('{"by":"%s","lesson":', ARGV[2]) .. ARGV[1] .. '}')
return 1
"""
)

# ARGV: question, participant, value, idle_s.
ANSWER = (
    _COMMON
    + """
if redis.call('HGET', room, 'taking') ~= ARGV[1] then return 0 end
redis.call('HSET', answers, ARGV[2], ARGV[3])
redis.call('EXPIRE', answers, ARGV[4])
redis.call('PUBLISH', room, '{"answered":true}')
return 1
"""
)

# ARGV: question.
END_ANSWERS = (
    _COMMON
    + """
if redis.call('HGET', room, 'question_id') ~= ARGV[1] then return false end
redis.call('HSET', room, 'taking', '')
return redis.call('HVALS', answers)
"""
)

# ARGV: code, idle_s, seconds that this holds, process, followers, screens, leads.
# The same of all other processes, and n.
ATTEND = (
    _COMMON
    + """
if not there() then return false end
local process, here = ARGV[4], ARGV[5] .. ' ' .. ARGV[6] .. ' ' .. ARGV[7]
local sums, before, moved = {0, 0, 0}, '0 0 0', false
local rows = redis.call('HGETALL', listening)
for i = 1, #rows, 2 do
    local ends, counts = string.match(rows[i + 1], '^(%d+) (.*)$')
    if rows[i] == process then
        before = counts
    elseif tonumber(ends) < now then
        redis.call('HDEL', listening, rows[i])
        moved = true
    else
        local a, b, c = string.match(counts, '^(%d+) (%d+) (%d+)$')
        sums = {sums[1] + a, sums[2] + b, sums[3] + c}
    end
end
if here == '0 0 0' then
    redis.call('HDEL', listening, process)
else
    redis.call('HSET', listening, process, string.format('%d %s', now + ARGV[3], here))
end
keep(ARGV[1], tonumber(ARGV[2]))
if moved or here ~= before then redis.call('PUBLISH', room, '{"moved":true}') end
return {sums[1], sums[2], sums[3], tonumber(redis.call('HGET', room, 'n'))}
"""
)

# The same of all processes, without a trace.
ATTENDANCE = (
    _COMMON
    + """
local sums = {0, 0, 0}
for _, row in ipairs(redis.call('HVALS', listening)) do
    local ends, a, b, c = string.match(row, '^(%d+) (%d+) (%d+) (%d+)$')
    if tonumber(ends) >= now then sums = {sums[1] + a, sums[2] + b, sums[3] + c} end
end
return sums
"""
)

# ARGV: code, how long it is known that it was closed.
REMOVE = (
    _COMMON
    + """
if not there() then return 0 end
redis.call('DEL', room, answers, listening)
redis.call('ZREM', index, ARGV[1])
redis.call('SET', closed, 1, 'EX', ARGV[2])
redis.call('PUBLISH', room, '{"closed":true}')
return 1
"""
)
