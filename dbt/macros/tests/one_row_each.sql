{# Values of the run's days that stand in more than one row of the window: a row left behind on another day is found too. #}
{% test one_row_each(model, columns, day_column) %}

{% for column in columns -%}
select '{{ column }}' as column_name, {{ column }} as value, count(*) as found
from {{ model }}
where {{ day_column }} between {{ first_day_read() }} and {{ last_day_read() }}
    and {{ column }} is not null
group by {{ column }}
having count(*) > 1
    and bool_or({{ day_column }} in {{ days_of_run() }})
{{ 'union all' if not loop.last }}
{% endfor %}

{% endtest %}
