package dialect

// copyRules are about COPY, which parseCopy reads and the session carries out. Their examples find rules/places.gz and rules/places.manifest
// in the bucket: two documents, and a bad line between them.
func copyRules() []Rule {
	const role = " iam_role 'arn:aws:iam::000000000000:role/load' "
	from := func(file string) string { return "from 's3://backstop-archive/rules/" + file + "'" + role }
	into := "create table notes (body super); copy notes " + from("places.gz") + "format json 'noshred' gzip "
	failed := "Load into table 'notes' failed.  Check 'sys_load_error_detail' system table for details."
	missing := func(option, instead string) Rule {
		return Rule{Name: "COPY … " + option, Outcome: NotImitated, Example: "copy places " + from("places.gz") + "json 'auto' gzip " + option,
			Shows: "the stand-in does not imitate COPY's option " + option, Note: instead}
	}
	return []Rule{
		{Name: "COPY … FORMAT JSON 'noshred'", Outcome: Translated, Example: into + "maxerror 2; select count(*) from notes", Shows: "2",
			Note: "A document of at most 4 MB, a string of at most 65,535 bytes; both can be widened."},
		{Name: "COPY … MAXERROR", Outcome: Translated, Example: into + "maxerror 1; select 1", Shows: failed, Note: "The load fails at so many errors; 0 and 1 are the same."},
		{Name: "COPY … JSON 'auto'", Outcome: Translated, Example: "copy places " + from("places.gz") + "json 'auto' gzip maxerror 2; select count(*) from places", Shows: "4",
			Note: "Also 'auto ignorecase'."},
		{Name: "COPY … MANIFEST", Outcome: Translated, Example: "create table notes (body super); copy notes " + from("places.manifest") + "json 'noshred' gzip manifest maxerror 2; select pg_last_copy_count()", Shows: "2",
			Note: "A mandatory file that is missing is an error; so is a manifest of which no file is there."},
		{Name: "COPY … NOLOAD", Outcome: Translated, Example: into + "noload; select 1", Shows: failed, Note: "It reads the files and loads nothing."},
		{Name: "COPY … REGION", Outcome: Translated, Example: into + "region 'eu-west-1'; select 1",
			Shows: "S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect",
			Note:  "It must be the buckets', which is the cluster's own unless the stand-in is told otherwise."},
		{Name: "COPY … COMPUPDATE, STATUPDATE", Outcome: Translated, Example: into + "maxerror 2 compupdate off statupdate on; select count(*) from sys_load_detail where query_id = pg_last_copy_id()", Shows: "1",
			Note: "Without effect."},
		{Name: "an option that COPY does not have", Outcome: Refused, Example: "copy places " + from("places.gz") + "json 'auto' gziped", Shows: `syntax error at or near "gziped"`, Note: "COPY has no such option."},
		{Name: "MAXERROR beyond its largest", Outcome: Refused, Example: "copy places " + from("places.gz") + "json 'auto' gzip maxerror 100001", Shows: "MAXERROR value must be between 0 and 100000",
			Note: "At most 100,000."},
		missing("TRUNCATECOLUMNS", "Let a long value be an error."),
		missing("ACCEPTINVCHARS", "Write valid UTF-8."),
		missing("IGNOREALLERRORS", "MAXERROR."),
		missing("BZIP2", "GZIP or ZSTD."),
		{Name: "COPY … CSV, PARQUET and others", Outcome: NotImitated, Example: "copy places " + from("places.gz") + "csv", Shows: "the stand-in does not imitate COPY's option CSV", Note: "FORMAT JSON."},
		{Name: "COPY … JSON with JSONPaths", Outcome: NotImitated, Example: "copy places " + from("places.gz") + "json 's3://bucket/paths.json'", Shows: "the stand-in does not imitate JSONPaths files", Note: "'noshred' or 'auto'."},
		{Name: "COPY JOB", Outcome: NotImitated, Example: "copy job list", Shows: "the stand-in does not imitate COPY JOB", Note: "Load by COPY."},
	}
}
