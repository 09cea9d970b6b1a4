-- An index on the leading columns of a new table's sort key. Only columns of fixed width are in it: PostgreSQL refuses long texts in an
-- index, which Redshift's zone maps take.
create function redshift.index_sort_key(relation regclass, key text[]) returns void language plpgsql as $$
declare
  complaint text;
  columns text;
begin
  select case when a.attname is null then format('column "%s" named in the sort key does not exist', k.name)
              else format('column "%s" of type super cannot be in a sort key', k.name) end into complaint
  from unnest(key) with ordinality k(name, position)
  left join pg_attribute a on a.attrelid = relation and a.attname = k.name and a.attnum > 0
  where a.attname is null or a.atttypid = 'super'::regtype
  order by k.position limit 1;
  if complaint is not null then
    raise exception '%', complaint using errcode = '0A000', hint = 'Sort by a date or a number.';
  end if;
  if exists (select from pg_index where indrelid = relation) then
    return; -- CREATE TABLE IF NOT EXISTS found it
  end if;
  select string_agg(quote_ident(name), ', ' order by position) into columns
  from (select k.name, k.position, bool_and(a.attlen > 0) over (order by k.position) as fixed
        from unnest(key) with ordinality k(name, position)
        join pg_attribute a on a.attrelid = relation and a.attname = k.name and a.attnum > 0) key_columns
  where fixed;
  if columns is not null then
    execute format('create index on %s (%s)', relation, columns);
  end if;
end $$;
