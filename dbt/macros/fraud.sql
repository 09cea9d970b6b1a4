{# How many days before a report date its fraud rules may look: seven of a site, and a day for what arrives late. The days of a run are
   extended by as many behind whatever changed (int_days_to_process). #}
{% macro fraud_look_back() -%} 8 {%- endmacro %}


{# The first and the last day that the rules of the run's days read. #}
{% macro first_day_looked_at() -%}
  {%- set days = listed_days() -%}
  {{ "dateadd(day, -" ~ fraud_look_back() ~ ", '" ~ days[0] ~ "'::timestamp)::date" if days else 'null::date' }}
{%- endmacro %}

{% macro last_day_looked_at() -%}
  {%- set days = listed_days() -%}
  {{ "'" ~ days[-1] ~ "'::date" if days else 'null::date' }}
{%- endmacro %}


{# The days of the run as rows. #}
{% macro judged_days() -%}
  (select report_date from {{ ref('int_days_to_process') }} where run_id = {{ run_id() }} and is_within_window)
{%- endmacro %}


{# A site, the unit in which traffic is bought: who sent it, from which place of theirs, for which offer. Null without a sender. #}
{% macro site_of(row) -%}
  ({{ row }}.affiliate_id || '|' || coalesce({{ row }}.sub_site_id, '') || '|' || coalesce({{ row }}.offer_id, ''))::varchar(600)
{%- endmacro %}


{# The advertising id if it names a device: a UUID, and not the zeros that stand for a refusal. #}
{% macro device_of(text) -%}
  case
    when lower({{ text }}) ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' and {{ text }} !~ '^[0-]*$' then lower({{ text }})::varchar(36)
  end
{%- endmacro %}


{# A number as people write it, without zeros at its end. #}
{% macro plain_number(value) -%}
  rtrim(rtrim(({{ value }})::numeric(18, 4)::varchar(32), '0'), '.')
{%- endmacro %}
