{# The level of a measure by the row of trend_levels joined as `levels`: unknown below the volume that makes it mean anything. #}
{% macro level(measure, volume='levels.minimum') -%}
  case
    when {{ measure }} is null or {{ volume }} < levels.minimum then 'unknown'
    when {{ measure }} >= levels.red or (levels.direction = 'both' and {{ measure }} <= -levels.red) then 'red'
    when {{ measure }} >= levels.amber or (levels.direction = 'both' and {{ measure }} <= -levels.amber) then 'amber'
    else 'green'
  end::varchar(8)
{%- endmacro %}

