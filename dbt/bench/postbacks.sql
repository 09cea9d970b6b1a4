insert into landing.postbacks (payload, dt, hr, load_id, loaded_at)
select json_parse(
    '{{"v":1,"postback_id":"' || id || '","received_at":"{day}T' || lpad(hr::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':07.000000Z","source":"appsflyer","verified":true,"verdict":"ok","ip_verdict":"listed","mmp_rejected":false,"method":"GET",'
    || '"path":"/p/appsflyer","raw_query":"","body":"","headers":{{}},"source_ip":"198.51.100.7","user_agent":"sample/1.0","params":{{'
    || '"clickid":"' || click || '","af_siteid":"' || (2000 + n % 40)::varchar || '","af_c_id":"' || (1000 + n % 12)::varchar
    || '","advertising_id":"38400000-8cf0-11bd-b23e-' || lpad(n::varchar, 12, '0') || '","install_time":"{day} '
    || lpad(hr::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0') || ':02","click_time":"{day} ' || lpad(hr::varchar, 2, '0')
    || ':00:00","country_code":"US","device_ip":"203.0.' || (n % 113)::varchar || '.' || (n % 250)::varchar
    || '","app_id":"com.example.app' || (n % 12)::varchar || '"}},"fingerprint":"' || md5(click) || '","delivery":{{"message_id":"' || id
    || '","receive_count":1,"archived_at":"{day}T' || lpad(hr::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':27.000000Z"}},"routes_version":"1"}}'), '{day}'::date, hr, 'p-{day}-' || hr::varchar, '{loaded}'::timestamp
from (
    select n, n % 24 as hr, '{ids}-0000-4000-8000-' || lpad(n::varchar, 12, '0') as id,
        '102{ids}' || lpad((case when n % 20 = 0 and n > 0 then n - 1 else n end)::varchar, 19, '0') as click
    from bench_numbers
) as numbered
