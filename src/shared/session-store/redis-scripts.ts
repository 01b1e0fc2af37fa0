// Everything that Redis must do in one step. Each script touches keys of one slot only, so it runs on a
// cluster as well; the clock is the server's, so instances with clocks of their own agree.
import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

function script(lua: string): RedisScript {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** KEYS counter; ARGV by, ttl or ''. Answers the sum. */
export const INCREMENT = script(`
local fresh = redis.call('EXISTS', KEYS[1]) == 0
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if fresh and ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum
`);

/**
 * KEYS buckets; ARGV cost, then capacity and refill per minute of each. Answers 1 or 0, the time, and what is
 * in each bucket afterwards. A bucket that would be full by now has expired: both mean the same.
 */
export const TAKE_TOKENS = script(`
${NOW}
local cost = tonumber(ARGV[1])
local levels = {}
local allowed = 1
for i, key in ipairs(KEYS) do
  local capacity, refill = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local state = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = capacity
  if state[1] then
    local elapsed = math.max(0, now - tonumber(state[2]))
    tokens = math.min(capacity, tonumber(state[1]) + elapsed * refill / 60000)
  end
  levels[i] = tokens
  if tokens < cost then allowed = 0 end
end
local reply = { allowed, now }
for i, key in ipairs(KEYS) do
  local tokens = levels[i]
  if allowed == 1 then
    tokens = tokens - cost
    local capacity, refill = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
    redis.call('HSET', key, 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', now))
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((capacity - tokens) * 60000 / refill)))
  end
  reply[i + 2] = string.format('%.17g', tokens)
end
return reply
`);

/**
 * KEYS stream; ARGV ttl, maxLength, expectAfter or '', channel of the wake-ups, then the entries. Answers
 * whether it was written, and the last number. Numbers are the first half of the entries' ids.
 */
export const APPEND = script(`
local last = 0
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if newest[1] then last = tonumber(string.match(newest[1][1], '^%d+')) end
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= last then return { 0, last } end
if #ARGV == 4 then return { 1, last } end
for i = 5, #ARGV do
  last = last + 1
  redis.call('XADD', KEYS[1], string.format('%.0f-0', last), 'v', ARGV[i])
end
redis.call('XTRIM', KEYS[1], 'MAXLEN', '=', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[4], last)
return { 1, last }
`);

/** KEYS stream; ARGV first number wanted, limit. Answers last, oldest, number of the first value, values. */
export const READ = script(`
local function seq(entry) return tonumber(string.match(entry[1], '^%d+')) end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not newest then return { 0, 0, 0 } end
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
local reply = { seq(newest), seq(oldest), entries[1] and seq(entries[1]) or 0 }
for i, entry in ipairs(entries) do reply[i + 3] = entry[2][2] end
return reply
`);

/**
 * KEYS lease; ARGV ttl. Answers the fence, or 0 while someone else holds it. The fence is at least the time,
 * so it goes on growing when Redis has lost its data; the key outlives its lease for the same reason.
 */
export const LOCK = script(`
${NOW}
local state = redis.call('HMGET', KEYS[1], 'fence', 'until')
if state[2] and tonumber(state[2]) > now then return 0 end
local fence = math.max(now, (tonumber(state[1] or '0')) + 1)
redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence), 'until', string.format('%.0f', now + ARGV[1]))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[1] + 86400000))
return fence
`);

/** KEYS lease; ARGV fence, ttl (0 gives it back). Answers 1 when the lease was still held. */
export const RENEW = script(`
${NOW}
local state = redis.call('HMGET', KEYS[1], 'fence', 'until')
if state[1] ~= ARGV[1] or tonumber(state[2]) <= now then return 0 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + 86400000))
return 1
`);
