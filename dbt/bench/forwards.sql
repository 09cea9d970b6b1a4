insert into landing.forwards (payload, dt, hr, load_id, loaded_at)
select json_parse(
    '{{"v":1,"attempt_id":"' || md5('{day}' || n::varchar) || '","postback_id":"{ids}-0000-4000-8000-' || lpad(n::varchar, 12, '0')
    || '","route":"appsflyer_install","destination":"tune","variables":{{}},"attempt":1,"receive_count":1,"replay_id":"","attempted_at":"{day}T'
    || lpad((n % 24)::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':28.000000Z","url":"","status_code":200,"outcome":"accepted","reason":"","response":"success=true;","latency_ms":41,"final":true}}'),
    '{day}'::date, n % 24, 'f-{day}-' || (n % 24)::varchar, '{loaded}'::timestamp
from bench_numbers
