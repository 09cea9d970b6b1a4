{# Values of the run's days that are none of those listed for their column. One test a model, since each costs a connection. #}
{% test allowed_values(model, columns, day_column) %}

{% for column, values in columns.items() -%}
select '{{ column }}' as column_name, {{ column }} as value, count(*) as found
from {{ model }}
where {{ day_column }} in {{ days_of_run() }}
    and {{ column }} not in ('{{ values | join("', '") }}')
group by {{ column }}
{{ 'union all' if not loop.last }}
{% endfor %}

{% endtest %}
