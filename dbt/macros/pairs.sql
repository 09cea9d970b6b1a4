{# CTEs <name>_1, _2 and _3: of `candidates` (two ids, their distance, and the place of each among those of its second) the pairs that are nearest to each
   other, one to one. Of equal distances equal places are the nearest, so that any number of one second finds partners at once. Each round pairs what the
   earlier ones left; a third one is needed only by chains of near times. #}
{% macro nearest_pairs(name, candidates, one, other) -%}
{% for round in range(1, 4) %}
{{ name }}_{{ round }} as (

    select {{ one }}, {{ other }}
    from (
        select
            {{ one }}, {{ other }},
            row_number() over (partition by {{ one }} order by distance, abs(place - other_place), {{ other }}) as nth_other,
            row_number() over (partition by {{ other }} order by distance, abs(place - other_place), {{ one }}) as nth_one
        from {{ candidates }}
        where true
            {%- for earlier in range(1, round) %}
            and {{ one }} not in (select {{ one }} from {{ name }}_{{ earlier }})
            and {{ other }} not in (select {{ other }} from {{ name }}_{{ earlier }})
            {%- endfor %}
    ) as ranked
    where nth_other = 1 and nth_one = 1

),
{% endfor %}
{%- endmacro %}


{# All pairs of the three rounds. #}
{% macro all_pairs(name, columns) -%}
  {% for round in range(1, 4) %}select {{ columns }} from {{ name }}_{{ round }}{{ ' union all ' if not loop.last }}{% endfor %}
{%- endmacro %}


{# The place of a row among those of the same second and of the same group, in the order of its id: 1 for the first. #}
{% macro place_in_second(time, id, group) -%}
  dense_rank() over (partition by {{ group }}, date_trunc('second', {{ time }}) order by {{ id }})
{%- endmacro %}
