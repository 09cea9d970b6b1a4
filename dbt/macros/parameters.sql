{# The rows of the parameter map, read from the warehouse while a model is compiled; none while dbt only parses. #}
{% macro parameter_map() %}
  {%- set query = 'select source, column_name, parameter, format from ' ~ ref('parameter_map') ~ ' order by source, column_name, preference' -%}
  {{ return(run_query(query).rows if execute else []) }}
{% endmacro %}


{# The sources whose apps report times in a zone of their own, and that zone. #}
{% macro app_time_zones() %}
  {%- set query = 'select source, app_time_zone from ' ~ ref('sources') ~ ' where app_time_zone is not null order by source' -%}
  {{ return(run_query(query).rows if execute else []) }}
{% endmacro %}


{# What was sent for one of our columns: for each source its parameters in the map's order, the first that was really sent. Before a value
   that is not plain text stands its format and a colon, so that whoever reads the value knows how. #}
{% macro mapped(map, column) %}
  {%- set wanted = map | selectattr('column_name', 'equalto', column) | list -%}
  {%- if not wanted -%} null::varchar(256) {%- else -%}
    case p.payload."source"::varchar(64)
    {%- for source, rows in wanted | groupby('source') %}
      when '{{ source }}' then coalesce(
      {%- for row in rows -%}
        {{ "'" ~ row.format ~ ":' || " if row.format != 'text' }}{{ sent('p.payload."params"."' ~ row.parameter ~ '"::varchar(256)') }}{{ ', ' if not loop.last }}
      {%- endfor %})
    {%- endfor %}
    end
  {%- endif -%}
{% endmacro %}


{# Absent, empty, the word null and a macro that nobody filled in ({sub4}, (clickid), ${(name)!}, {{x}}, {cl?Network}) all mean: not sent. #}
{% macro sent(text) -%}
  nullif(regexp_replace(btrim({{ text }}), '^([$]?[{(].*[})]|[Nn][Uu][Ll][Ll])$', ''), '')
{%- endmacro %}


{# The value behind the format. #}
{% macro value_of(tagged) -%}
  regexp_replace({{ tagged }}, '^[a-z ]*:', '')
{%- endmacro %}


{# A time in UTC from what its format admits: seconds (10 digits), millis (13 digits), utc (an ISO date and time), local (the same in the
   app's zone). Null if it is none. The pattern admits real dates only, because a cast that fails would stop the run. #}
{% macro as_time(tagged, zones) -%}
  {%- set date_and_time = '((197[1-9]|19[89][0-9]|20[0-9]{2})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|(19(7[26]|8[048]|9[26])|20([02468][048]|[13579][26]))-02-29)[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?' -%}
  case
    when {{ tagged }} ~ '^[a-z ]*seconds[a-z ]*:[1-9][0-9]{9}$' then timestamp 'epoch' + {{ value_of(tagged) }}::bigint * interval '1 second'
    when {{ tagged }} ~ '^[a-z ]*millis[a-z ]*:[1-9][0-9]{12}$' then
      dateadd(millisecond, ({{ value_of(tagged) }}::bigint % 1000)::int, timestamp 'epoch' + ({{ value_of(tagged) }}::bigint / 1000) * interval '1 second')
    when {{ tagged }} ~ '^[a-z ]*utc[a-z ]*:{{ date_and_time }}(Z|[+]00:?00)?$' then
      regexp_replace(replace({{ value_of(tagged) }}, 'T', ' '), '(Z|[+]00:?00)$', '')::timestamp
    {%- for zone in zones %}
    when source = '{{ zone.source }}' and {{ tagged }} ~ '^local:{{ date_and_time }}$' then
      convert_timezone('{{ zone.app_time_zone }}', 'UTC', replace({{ value_of(tagged) }}, 'T', ' ')::timestamp)
    {%- endfor %}
  end
{%- endmacro %}


{# Exact money from a decimal (1234.56 or 1.23456e3, as programs write it) or from whole cents. All that may be read in two ways, such as
   1.234,56 or 1 234, is null. #}
{% macro as_money(tagged) -%}
  (case
    when {{ tagged }} ~ '^decimal:-?[0-9]{1,12}([.][0-9]{1,20})?$' then {{ value_of(tagged) }}::numeric(18, 6)
    when {{ tagged }} ~ '^decimal:-?[0-9]([.][0-9]{1,16})?[eE][+]?([0-9]|1[01])$' then
      split_part(lower({{ value_of(tagged) }}), 'e', 1)::numeric(17, 16) * rpad('1', 1 + split_part(lower({{ value_of(tagged) }}), 'e', 2)::int, '0')::numeric(12, 0)
    when {{ tagged }} ~ '^cents:-?[0-9]{1,14}$' then {{ value_of(tagged) }}::numeric(14, 0) * 0.01
  end)::numeric(18, 6)
{%- endmacro %}


{# The currency of a row that was joined to the seed `currencies` by what was sent. ISO's own code for what is no currency stands for one that is not known:
   it equals no offer's. Null if none was sent. #}
{% macro as_currency(sent) -%}
  case when {{ sent }} is not null then coalesce(currencies.code, 'XXX') end::varchar(3)
{%- endmacro %}


{# TUNE writes money as decimals, and times of offers and goals in seconds. Null if it is none. #}
{% macro tune_money(text) -%}
  {{ as_money("('decimal:' || " ~ text ~ ")") }}
{%- endmacro %}

{% macro tune_time(text) -%}
  case when {{ text }} ~ '^[0-9]{1,10}$' then timestamp 'epoch' + {{ text }}::bigint * interval '1 second' end
{%- endmacro %}


{# Yes or no from a flag, or from a kind of activity, of which those that begin with "rejected" mean yes. #}
{% macro as_flag(tagged) -%}
  case
    when lower({{ tagged }}) in ('flag:1', 'flag:true', 'flag:yes') or lower({{ tagged }}) like 'rejection:rejected%' then true
    when lower({{ tagged }}) in ('flag:0', 'flag:false', 'flag:no') or {{ tagged }} like 'rejection:%' then false
  end
{%- endmacro %}


{# What is wrong with a time that was sent: zero, -1 or before 1971; nothing that its format admits; more than five minutes after the receipt. #}
{% macro time_flag(column) -%}
  case
    when {{ column }}_sent is null then ''
    when {{ column }} is null and {{ column }}_sent ~ '^[a-z ]*:(-[0-9]+|0+|(0[0-9]{3}|1[0-8][0-9]{2}|19[0-6][0-9]|1970)-.*)$' then ',{{ column }}:too_early'
    when {{ column }} is null then ',{{ column }}:unreadable'
    when {{ column }} > dateadd(minute, 5, received_at) then ',{{ column }}:in_future'
    else ''
  end
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


{# Whether a reason that is known is the one that was sent: in whatever case, and of several with | between them the first. #}
{% macro is_reason(known, sent) -%}
  lower({{ known }}) = lower(split_part({{ sent }}, '|', 1))
{%- endmacro %}
