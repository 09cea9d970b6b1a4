-- What COPY did. The session that ran a COPY sees it at once through a setting, since its snapshot may be older than the
-- row; the rows themselves are written by another connection and survive a rollback.
create schema redshift;
grant usage on schema redshift to public;
create sequence redshift.query_ids start 1000;

create table redshift.load_history (
  user_id integer, query_id bigint primary key, transaction_id bigint, session_id integer, database_name varchar(64), status varchar(20),
  table_name varchar(256), start_time timestamp, end_time timestamp, duration bigint, data_source varchar(1024), file_format varchar(20),
  loaded_rows bigint, loaded_bytes bigint, source_file_count bigint, source_file_bytes bigint, file_count_scanned bigint,
  file_bytes_scanned bigint, error_count bigint, copy_job_id bigint);
create table redshift.load_detail (
  user_id integer, query_id bigint, file_name varchar(256), bytes_scanned bigint, lines_scanned bigint, splits_scanned integer,
  record_time timestamp, start_time timestamp, end_time timestamp, file_etag varchar(256), file_last_modified timestamp, file_size bigint);
create index on redshift.load_detail (query_id);
create table redshift.load_error_detail (
  user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name varchar(64), table_id integer, start_time timestamp,
  file_name varchar(256), line_number bigint, column_name varchar(127), column_type varchar(10), column_length varchar(10), position integer,
  error_code integer, error_message varchar(512), raw_line varchar(1024), raw_field varchar(1024));
create index on redshift.load_error_detail (query_id);
grant select on all tables in schema redshift to public;

create function redshift.last_load() returns jsonb language sql stable as
  $$ select nullif(current_setting('redshift.last_load', true), '')::jsonb $$;
create function pg_catalog.pg_last_copy_count() returns bigint language sql stable as $$ select coalesce((redshift.last_load() ->> 'count')::bigint, 0) $$;
create function pg_catalog.pg_last_copy_id() returns integer language sql stable as $$ select coalesce((redshift.last_load() ->> 'id')::integer, -1) $$;

create view pg_catalog.sys_load_history as
  select * from redshift.load_history
  union all
  select n.* from jsonb_populate_record(null::redshift.load_history, redshift.last_load() -> 'history') n
  where n.query_id is not null and not exists (select from redshift.load_history h where h.query_id = n.query_id);
create view pg_catalog.sys_load_detail as
  select * from redshift.load_detail
  union all
  select n.* from jsonb_populate_recordset(null::redshift.load_detail, redshift.last_load() -> 'files') n
  where not exists (select from redshift.load_history h where h.query_id = n.query_id);
create view pg_catalog.sys_load_error_detail as
  select user_id, query_id, transaction_id, session_id, database_name::char(64), table_id, start_time, file_name::char(256), line_number,
         column_name::char(127), column_type::char(10), column_length::char(10), position, error_code, error_message::char(512),
         raw_line::char(1024), raw_field::char(1024)
  from redshift.load_error_detail;
create view pg_catalog.stl_load_errors as
  select user_id as userid, 0 as slice, table_id as tbl, start_time as starttime, session_id as session, query_id::integer as query,
         file_name::char(256) as filename, line_number, column_name::char(127) as colname, column_type::char(10) as type,
         column_length::char(10) as col_length, position, raw_line::char(1024) as raw_line, raw_field::char(1024) as raw_field_value,
         error_code as err_code, error_message::char(100) as err_reason
  from redshift.load_error_detail;
create view pg_catalog.stl_load_commits as
  select user_id as userid, query_id::integer as query, 0 as slice, file_name::char(256) as filename, lines_scanned,
         record_time as curtime, 1 as status
  from pg_catalog.sys_load_detail;
grant select on pg_catalog.sys_load_history, pg_catalog.sys_load_detail, pg_catalog.sys_load_error_detail, pg_catalog.stl_load_errors,
  pg_catalog.stl_load_commits to public;

-- PostgreSQL has no SHA-1 without an extension.
create function redshift.sha1_hex(input text) returns varchar language plpgsql immutable strict parallel safe as $$
declare
  message bytea := convert_to(input, 'UTF8'); bits bigint := octet_length(message) * 8::bigint; mask constant bigint := 4294967295;
  h0 bigint := 1732584193; h1 bigint := 4023233417; h2 bigint := 2562383102; h3 bigint := 271733878; h4 bigint := 3285377520;
  a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint; w bigint[]; base integer;
begin
  message := message || '\x80'::bytea;
  message := message || decode(repeat('00', (56 - octet_length(message) % 64 + 64) % 64), 'hex') || decode(lpad(to_hex(bits), 16, '0'), 'hex');
  for block in 0 .. octet_length(message) / 64 - 1 loop
    w := array_fill(0::bigint, array[80]);
    for i in 0 .. 15 loop
      base := block * 64 + i * 4;
      w[i + 1] := (get_byte(message, base)::bigint << 24) | (get_byte(message, base + 1) << 16) | (get_byte(message, base + 2) << 8) | get_byte(message, base + 3);
    end loop;
    for i in 16 .. 79 loop
      t := w[i - 2] # w[i - 7] # w[i - 13] # w[i - 15];
      w[i + 1] := ((t << 1) | (t >> 31)) & mask;
    end loop;
    a := h0; b := h1; c := h2; d := h3; e := h4;
    for i in 0 .. 79 loop
      if i < 20 then f := (b & c) | ((~b) & mask & d); k := 1518500249;
      elsif i < 40 then f := b # c # d; k := 1859775393;
      elsif i < 60 then f := (b & c) | (b & d) | (c & d); k := 2400959708;
      else f := b # c # d; k := 3395469782;
      end if;
      t := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i + 1]) & mask;
      e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t;
    end loop;
    h0 := (h0 + a) & mask; h1 := (h1 + b) & mask; h2 := (h2 + c) & mask; h3 := (h3 + d) & mask; h4 := (h4 + e) & mask;
  end loop;
  return lpad(to_hex(h0), 8, '0') || lpad(to_hex(h1), 8, '0') || lpad(to_hex(h2), 8, '0') || lpad(to_hex(h3), 8, '0') || lpad(to_hex(h4), 8, '0');
end $$;
