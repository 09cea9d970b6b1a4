{# The rows of the parameter map, read from the warehouse while a model is compiled; none while dbt only parses. #}
{% macro parameter_map() %}
  {%- set query = 'select source, column_name, parameter from ' ~ ref('parameter_map') ~ ' order by source, column_name, preference' -%}
  {{ return(run_query(query).rows if execute else []) }}
{% endmacro %}


{# The text of one of our columns: for each source its parameters in the map's order, the first that was really sent. #}
{% macro mapped(map, column) %}
  {%- set wanted = map | selectattr('column_name', 'equalto', column) | list -%}
  {%- if not wanted -%} null::varchar(256) {%- else -%}
    case p.payload."source"::varchar(64)
    {%- for source, rows in wanted | groupby('source') %}
      when '{{ source }}' then coalesce(
      {%- for row in rows %}{{ sent('p.payload."params"."' ~ row.parameter ~ '"::varchar(256)') }}{{ ', ' if not loop.last }}{% endfor %})
    {%- endfor %}
    end
  {%- endif -%}
{% endmacro %}


{# Absent, empty, the word null and a macro that nobody filled in ({sub4}, (clickid), ${(name)!}) all mean: not sent. #}
{% macro sent(text) -%}
  nullif(regexp_replace(btrim({{ text }}), '^([$]?[{(].*[})]|null|NULL)$', ''), '')
{%- endmacro %}


{# A time in UTC from 10 digits (seconds), 13 digits (milliseconds) or an ISO date and time without an offset; else null.
   The pattern admits real dates only, because a cast that fails would stop the run. #}
{% macro as_time(text) -%}
  case
    when {{ text }} ~ '^[0-9]{10}$' then timestamp 'epoch' + {{ text }}::bigint * interval '1 second'
    when {{ text }} ~ '^[0-9]{13}$' then
      dateadd(millisecond, ({{ text }}::bigint % 1000)::int, timestamp 'epoch' + ({{ text }}::bigint / 1000) * interval '1 second')
    when {{ text }} ~ '^((19[7-9][0-9]|20[0-9]{2})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|(19|20)([02468][048]|[13579][26])-02-29)[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?Z?$'
      then replace(replace({{ text }}, 'T', ' '), 'Z', '')::timestamp
  end
{%- endmacro %}


{# Money and other exact numbers: digits with at most one point. #}
{% macro as_decimal(text) -%}
  (case when {{ text }} ~ '^-?[0-9]{1,12}([.][0-9]{1,20})?$' then {{ text }}::numeric(18, 6) end)::numeric(18, 6)
{%- endmacro %}


{# The day of a UTC time in the network's time zone. #}
{% macro local_date(utc) -%}
  convert_timezone('UTC', '{{ var("time_zone") }}', {{ utc }})::date
{%- endmacro %}


{# The block of an address in which one sender moves: the first three numbers of IPv4, the first four groups of IPv6 written in full. #}
{% macro address_block(address) -%}
  case
    when {{ address }} like '%.%.%.%' and {{ address }} not like '%:%' then
      split_part({{ address }}, '.', 1) || '.' || split_part({{ address }}, '.', 2) || '.' || split_part({{ address }}, '.', 3)
    when {{ address }} like '%:%:%:%' then
      lower(split_part({{ address }}, ':', 1) || ':' || split_part({{ address }}, ':', 2) || ':' || split_part({{ address }}, ':', 3)
      || ':' || split_part({{ address }}, ':', 4))
  end
{%- endmacro %}
