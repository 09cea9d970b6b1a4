{# Values of the run's days that stand in more than one row of the window: a row left behind on another day is found too. #}
{% test one_row_each(model, column_name, day_column) %}

select {{ column_name }}
from {{ model }}
where {{ day_column }} between {{ first_day_read() }} and {{ last_day_read() }}
    and {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1
    and bool_or({{ day_column }} in {{ days_of_run() }})

{% endtest %}
