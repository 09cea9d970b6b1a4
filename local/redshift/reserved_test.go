package redshift_test

import (
	"strings"
	"testing"

	"backstop/local/redshift/redshifttest"
)

// reserved are all words of the Amazon Redshift Database Developer Guide, "Reserved words".
const reserved = `aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary blanksasnull both bytedict
	bzip2 case cast check collate column connect constraint create credentials cross current_date current_time current_timestamp current_user
	current_user_id default deferrable deflate defrag delta delta32k desc disable distinct do else emptyasnull enable encode encrypt encryption end
	except explicit false for foreign freeze from full globaldict256 globaldict64k grant group gzip having identity ignore ilike in initially inner
	intersect interval into is isnull join lateral leading left like limit localtime localtimestamp lun luns lzo lzop minus mostly16 mostly32 mostly8
	natural new not notnull null nulls off offline offset oid old on only open or order outer overlaps parallel partition percent permissions pivot
	placing primary raw readratio recover references rejectlog resort respect restore right select session_user similar snapshot some sysdate system
	table tag tdes text255 text32k then timestamp to top trailing true truncatecolumns union unique unnest unpivot user using verbose wallet when where
	with without`

func TestReservedWordsAreNoNames(t *testing.T) {
	db := open(t, redshifttest.Start(t))
	exec(t, db, `create table plain (id int)`)
	for _, word := range strings.Fields(reserved) {
		for _, sql := range []string{"create table " + word + " (id int)", "create table named (id int, " + word + " int)"} {
			if _, err := db.Exec(sql); err == nil {
				t.Errorf("%s: passed", sql)
			}
		}
		if _, err := db.Exec("select id from " + word); code(err) != "42601" && code(err) != "0A000" {
			t.Errorf("select id from %s: %v, want a syntax error", word, err)
		}
		if _, err := db.Exec(`create table "` + word + `" (id int); drop table "` + word + `"`); err != nil {
			t.Errorf("%s in quotes: %v", word, err)
		}
	}
}
