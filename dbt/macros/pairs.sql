{# CTEs that pair rows of `candidates`, one to one: a <one> and an <other>, each with its time, within a group in which every one may belong to every other. The
   nearest pair up, three rounds, each among what the earlier ones left; of equal distances equal places within the second are the nearest, so that any number
   of one second finds partners at once. Times that are all shifted leave a rest, which pairs up in the order of time. #}
{% macro nearest_pairs(name, candidates, one, other) -%}
{{ name }}_candidates as (

    select
        {{ one }}, {{ other }}, pair_group, one_time, other_time,
        abs(datediff(second, one_time, other_time)) as distance,
        {{ place_in_second('one_time', one) }} as one_place,
        {{ place_in_second('other_time', other) }} as other_place
    from {{ candidates }}

),
{% for round in range(1, 4) %}
{{ name }}_{{ round }} as (

    select {{ one }}, {{ other }}
    from (
        select
            {{ one }}, {{ other }},
            row_number() over (partition by {{ one }} order by distance, abs(one_place - other_place), {{ other }}) as nth_other,
            row_number() over (partition by {{ other }} order by distance, abs(one_place - other_place), {{ one }}) as nth_one
        from {{ name }}_candidates
        {{ left_by_rounds(name, round, one, other) }}
    ) as ranked
    where nth_other = 1 and nth_one = 1

),
{% endfor %}
{{ name }}_rest as (

    select {{ one }}, {{ other }}
    from (
        select
            {{ one }}, {{ other }},
            dense_rank() over (partition by pair_group order by one_time, {{ one }}) as nth_one,
            dense_rank() over (partition by pair_group order by other_time, {{ other }}) as nth_other
        from {{ name }}_candidates
        {{ left_by_rounds(name, 4, one, other) }}
    ) as ranked
    where nth_one = nth_other

),
{%- endmacro %}


{# What no round before this one has paired. #}
{% macro left_by_rounds(name, round, one, other) -%}
  where true
  {%- for earlier in range(1, round) %}
  and {{ one }} not in (select {{ one }} from {{ name }}_{{ earlier }})
  and {{ other }} not in (select {{ other }} from {{ name }}_{{ earlier }})
  {%- endfor %}
{%- endmacro %}


{# All pairs. #}
{% macro all_pairs(name, columns) -%}
  {% for part in ['1', '2', '3', 'rest'] %}select {{ columns }} from {{ name }}_{{ part }}{{ ' union all ' if not loop.last }}{% endfor %}
{%- endmacro %}


{# The place of a row among those of its group in the same second, in the order of its id: 1 for the first. #}
{% macro place_in_second(time, id) -%}
  dense_rank() over (partition by pair_group, date_trunc('second', {{ time }}) order by {{ id }})
{%- endmacro %}
