insert into landing.tune_fetches (payload, dt, hr, load_id, loaded_at)
select json_parse('{{"v":1,"fetch_id":"fetch-{day}","target":"conversions","window_from":"{day}","window_to":"{day}","pages":1,"observed_at":'
    || '"{next}T08:30:02.000000Z","rows":' || count(*)::varchar || '}}'), '{next}'::date, 8, 't-{day}', '{loaded}'::timestamp
from bench_numbers where n % 50 <> 7 and n % 20 <> 0
