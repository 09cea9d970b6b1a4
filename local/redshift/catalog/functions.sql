-- Redshift's functions that PostgreSQL lacks.
create function pg_catalog.sysdate() returns timestamp language sql stable as
  $$ select coalesce(nullif(current_setting('redshift.now', true), '')::timestamp, now() at time zone 'UTC') $$;
create function pg_catalog.getdate() returns timestamp language sql stable as
  $$ select date_trunc('second', coalesce(nullif(current_setting('redshift.now', true), '')::timestamp, statement_timestamp() at time zone 'UTC')) $$;

-- The unit's length as an interval; several spellings are allowed.
create function pg_catalog.redshift_unit(text) returns text language sql immutable strict parallel safe as
  $$ select case lower($1)
       when 'yr' then 'year' when 'yrs' then 'year' when 'years' then 'year' when 'y' then 'year'
       when 'qtr' then 'quarter' when 'qtrs' then 'quarter' when 'quarters' then 'quarter'
       when 'mon' then 'month' when 'mons' then 'month' when 'months' then 'month'
       when 'w' then 'week' when 'weeks' then 'week'
       when 'd' then 'day' when 'days' then 'day'
       when 'h' then 'hour' when 'hr' then 'hour' when 'hrs' then 'hour' when 'hours' then 'hour'
       when 'm' then 'minute' when 'min' then 'minute' when 'mins' then 'minute' when 'minutes' then 'minute'
       when 's' then 'second' when 'sec' then 'second' when 'secs' then 'second' when 'seconds' then 'second'
       when 'ms' then 'millisecond' when 'milliseconds' then 'millisecond'
       when 'us' then 'microsecond' when 'microseconds' then 'microsecond'
       else lower($1) end $$;
create function pg_catalog.redshift_interval(text, bigint) returns interval language sql immutable strict parallel safe as
  $$ select case redshift_unit($1)
       when 'quarter' then make_interval(months => (3 * $2)::int)
       when 'millisecond' then $2 * interval '1 millisecond'
       when 'microsecond' then $2 * interval '1 microsecond'
       else ($2::text || ' ' || redshift_unit($1))::interval end $$;
create function pg_catalog.dateadd(text, bigint, timestamp) returns timestamp language sql immutable strict parallel safe as
  $$ select $3 + redshift_interval($1, $2) $$;
create function pg_catalog.dateadd(text, bigint, timestamptz) returns timestamptz language sql stable strict parallel safe as
  $$ select $3 + redshift_interval($1, $2) $$;
create function pg_catalog.dateadd(text, bigint, date) returns timestamp language sql immutable strict parallel safe as
  $$ select dateadd($1, $2, $3::timestamp) $$;
-- DATEDIFF counts the boundaries of the unit that lie between. Not STRICT: only so PostgreSQL writes the body into the query, forty times faster.
create function pg_catalog.datediff(text, timestamp, timestamp) returns bigint language sql immutable parallel safe as
  $$ select case redshift_unit($1)
       when 'year' then (extract(year from $3) - extract(year from $2))::bigint
       when 'quarter' then (extract(year from $3) * 4 + extract(quarter from $3) - extract(year from $2) * 4 - extract(quarter from $2))::bigint
       when 'month' then (extract(year from $3) * 12 + extract(month from $3) - extract(year from $2) * 12 - extract(month from $2))::bigint
       when 'week' then (date_trunc('week', $3 + interval '1 day')::date - date_trunc('week', $2 + interval '1 day')::date) / 7
       when 'day' then ($3::date - $2::date)::bigint
       when 'microsecond' then (extract(epoch from $3 - $2) * 1000000)::bigint
       when 'millisecond' then floor(extract(epoch from $3) * 1000)::bigint - floor(extract(epoch from $2) * 1000)::bigint
       else ((extract(epoch from date_trunc(redshift_unit($1), $3)) - extract(epoch from date_trunc(redshift_unit($1), $2)))
             / case redshift_unit($1) when 'hour' then 3600 when 'minute' then 60 when 'second' then 1 end)::bigint
     end $$;
create function pg_catalog.datediff(text, timestamptz, timestamptz) returns bigint language sql stable parallel safe as
  $$ select datediff($1, $2 at time zone 'UTC', $3 at time zone 'UTC') $$;
create function pg_catalog.datediff(text, date, date) returns bigint language sql immutable parallel safe as
  $$ select datediff($1, $2::timestamp, $3::timestamp) $$;
create function pg_catalog.convert_timezone(text, text, timestamp) returns timestamp language sql immutable strict parallel safe as
  $$ select ($3 at time zone $1) at time zone $2 $$;
create function pg_catalog.convert_timezone(text, timestamp) returns timestamp language sql immutable strict parallel safe as
  $$ select ($2 at time zone 'UTC') at time zone $1 $$;
create function pg_catalog.convert_timezone(text, timestamptz) returns timestamp language sql immutable strict parallel safe as
  $$ select $2 at time zone $1 $$;
create function pg_catalog.last_day(timestamp) returns date language sql immutable strict parallel safe as
  $$ select (date_trunc('month', $1) + interval '1 month - 1 day')::date $$;
create function pg_catalog.last_day(date) returns date language sql immutable strict parallel safe as $$ select last_day($1::timestamp) $$;
-- The last day of a month stays the last day.
create function pg_catalog.add_months(timestamp, bigint) returns timestamp language sql immutable strict parallel safe as
  $$ select case when last_day($1) = $1::date then last_day($1 + make_interval(months => $2::int)) + $1::time else $1 + make_interval(months => $2::int) end $$;
create function pg_catalog.add_months(date, bigint) returns timestamp language sql immutable strict parallel safe as $$ select add_months($1::timestamp, $2) $$;
create function pg_catalog.trunc(date) returns date language sql immutable strict parallel safe as $$ select $1 $$;
create function pg_catalog.trunc(timestamp) returns date language sql immutable strict parallel safe as $$ select $1::date $$;

create function pg_catalog.redshift_concat(text, text) returns varchar language sql immutable strict parallel safe as $$ select ($1 || $2)::varchar $$;
create function pg_catalog.redshift_regexp_replace(text, text, text default '') returns varchar language sql immutable strict parallel safe as
  $$ select regexp_replace($1, $2, $3, 'g')::varchar $$;
create function pg_catalog.len(text) returns integer language sql immutable strict parallel safe as $$ select length(rtrim($1, '')) $$;
create function pg_catalog.charindex(text, text) returns integer language sql immutable strict parallel safe as $$ select strpos($2, $1) $$;
create function pg_catalog.sha1(text) returns varchar language sql immutable strict parallel safe as $$ select redshift.sha1_hex($1) $$;
create function pg_catalog.func_sha1(text) returns varchar language sql immutable strict parallel safe as $$ select redshift.sha1_hex($1) $$;
create function pg_catalog.sha2(text, integer) returns varchar language sql immutable strict parallel safe as
  $$ select encode(case $2 when 224 then sha224(convert_to($1, 'UTF8')) when 384 then sha384(convert_to($1, 'UTF8'))
                           when 512 then sha512(convert_to($1, 'UTF8')) else sha256(convert_to($1, 'UTF8')) end, 'hex')::varchar $$;
create function pg_catalog.strtol(text, integer) returns bigint language plpgsql immutable strict parallel safe as $$
declare digits text := lower(ltrim($1, '+-')); value bigint := 0; digit integer;
begin
  if $2 = 16 then digits := regexp_replace(digits, '^0x', ''); end if;
  for i in 1 .. length(digits) loop
    digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, i, 1)) - 1;
    if digit < 0 or digit >= $2 then
      raise exception 'The input % is not valid to be converted to base %', $1, $2 using errcode = '22023';
    end if;
    value := value * $2 + digit;
  end loop;
  return case when left($1, 1) = '-' then -value else value end;
end $$;

-- AVG of integers is an integer.
create function pg_catalog.redshift_whole_avg(numeric[]) returns bigint language sql immutable parallel safe as
  $$ select case when $1[2] > 0 then trunc($1[1] / $1[2])::bigint end $$;
create function pg_catalog.redshift_add(numeric[], bigint) returns numeric[] language sql immutable parallel safe as
  $$ select case when $2 is null then $1 else array[$1[1] + $2, $1[2] + 1] end $$;
create aggregate pg_catalog.redshift_avg(bigint) (sfunc = redshift_add, stype = numeric[], initcond = '{0,0}', finalfunc = redshift_whole_avg);
create function pg_catalog.redshift_small_avg(bigint[]) returns bigint language sql immutable parallel safe as $$ select trunc(int8_avg($1))::bigint $$;
create aggregate pg_catalog.redshift_avg(integer) (sfunc = int4_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = redshift_small_avg);
create aggregate pg_catalog.redshift_avg(smallint) (sfunc = int2_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = redshift_small_avg);
create aggregate pg_catalog.redshift_avg(numeric) (sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg);
create aggregate pg_catalog.redshift_avg(double precision) (sfunc = float8_accum, stype = double precision[], initcond = '{0,0,0}', finalfunc = float8_avg);

create function pg_catalog.redshift_version() returns text language sql stable as
  $$ select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0 (stand-in)' $$;

-- The length of a VARCHAR counts bytes. PostgreSQL limits a value by this function wherever a type has a length: in casts, which cut the value, and
-- before a value goes into a column, which refuses it unless blanks are all that is lost.
create function pg_catalog.redshift_limit(value varchar, typmod integer, explicit boolean) returns varchar language plpgsql immutable strict parallel safe
  support pg_catalog.varchar_support as $$
declare room integer := typmod - 4; cut varchar;
begin
  if typmod < 4 or octet_length(value) <= room then
    return value;
  end if;
  cut := left(value, room); -- in characters, each of a byte or more
  while octet_length(cut) > room loop
    cut := left(cut, -1);
  end loop;
  if not explicit and rtrim(substr(value, length(cut) + 1), ' ') <> '' then
    raise exception 'value too long for type character varying(%)', room using errcode = '22001';
  end if;
  return cut;
end $$;
update pg_catalog.pg_cast set castfunc = 'pg_catalog.redshift_limit(varchar, integer, boolean)'::regprocedure
  where castsource = 'varchar'::regtype and casttarget = 'varchar'::regtype;
