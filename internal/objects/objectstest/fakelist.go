package objectstest

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"
)

type listing struct {
	XMLName             xml.Name `xml:"ListVersionsResult"`
	Name                string
	IsTruncated         bool
	NextKeyMarker       string   `xml:",omitempty"`
	NextVersionIDMarker string   `xml:"NextVersionIdMarker,omitempty"`
	Versions            []listed `xml:"Version"`
	Markers             []listed `xml:"DeleteMarker"`
}

type listed struct {
	Key       string
	VersionID string `xml:"VersionId"`
}

// list tells versions by key and the newest first, from behind a version on,
// or from behind all of a key.
func list(w http.ResponseWriter, objects map[string][]*stored, bucket, prefix, key, id string) *problem {
	answer := listing{Name: bucket}
	const page = 1000
	told, last := 0, listed{}
	for _, k := range slices.Sorted(maps.Keys(objects)) {
		if !strings.HasPrefix(k, prefix) || k < key || k == key && id == "" {
			continue
		}
		all := objects[k]
		if k == key {
			all = all[slices.IndexFunc(all, func(v *stored) bool { return v.id == id })+1:]
		}
		for _, v := range all {
			if told == page {
				answer.IsTruncated, answer.NextKeyMarker, answer.NextVersionIDMarker = true, last.Key, last.VersionID
				return send(w, answer)
			}
			told, last = told+1, listed{k, v.id}
			if v.marker {
				answer.Markers = append(answer.Markers, last)
			} else {
				answer.Versions = append(answer.Versions, last)
			}
		}
	}
	return send(w, answer)
}

func send(w http.ResponseWriter, answer any) *problem {
	_ = xml.NewEncoder(w).Encode(answer)
	return nil
}
