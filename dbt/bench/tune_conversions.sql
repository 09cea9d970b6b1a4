insert into landing.tune_conversions (payload, dt, hr, load_id, loaded_at)
select json_parse(
    '{{"v":1,"fetch_id":"fetch-{day}","observed_at":"{next}T08:30:02.000000Z","id":"{ids}' || n::varchar || '","tune_event_id":"{ids}' || n::varchar
    || '","ad_id":"102{ids}' || lpad(n::varchar, 19, '0') || '","affiliate_id":"' || (2000 + n % 40)::varchar || '","advertiser_id":"301","offer_id":"'
    || (1000 + n % 12)::varchar || '","goal_id":"0","advertiser_info":"{ids}-0000-4000-8000-' || lpad(n::varchar, 12, '0')
    || '","datetime":"{day} ' || lpad((n % 24)::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':08","payout":"2.00000","revenue":"2.60000","sale_amount":"0.00000","status":"approved","status_code":"43","is_adjustment":"0",'
    || '"payout_type":"cpa_flat","revenue_type":"cpa_flat","currency":"USD"}}'), '{next}'::date, 8, 'c-{day}', '{loaded}'::timestamp
from bench_numbers where n % 50 <> 7 and n % 20 <> 0
