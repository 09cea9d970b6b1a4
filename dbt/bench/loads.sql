insert into landing.loads (load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at)
select load_id, '{table}', dt, hr, load_id, '', 1, 1, count(*), 0, 0, 'loaded', max(loaded_at) from landing.{table} where loaded_at = '{loaded}'::timestamp
group by load_id, dt, hr
