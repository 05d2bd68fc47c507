//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
)

// A request that a test sends. It has a guest in headers that every request has.
type request struct {
	method, path, body string
	header             map[string]string
}

// send sends a request and returns all of the answer.
func (w *watch) send(ctx context.Context, base string, r request) (status int, all []byte) {
	w.Helper()
	sent, err := http.NewRequestWithContext(ctx, r.method, base+r.path, strings.NewReader(r.body))
	require.NoError(w, err, r.path)
	for name, value := range merge(map[string]string{
		"Authorization": "Bearer " + w.every, "Content-Type": "application/json", "User-Agent": planted.Email, "Referer": "https://" + planted.Email,
		"Tracestate": "guest=Quastenflosser", "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Baggage": "guest=" + planted.FirstName,
		"X-Request-Id": planted.Email, "X-Forwarded-For": planted.Email, "Accept-Language": planted.FirstName,
	}, r.header) {
		sent.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(sent)
	require.NoError(w, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 8<<20))
	require.NoError(w, err)
	var head bytes.Buffer
	require.NoError(w, answer.Header.Write(&head))
	return answer.StatusCode, append(head.Bytes(), text...)
}

// exchange sends a request, looks at the answer, and returns its status.
func (w *watch) exchange(ctx context.Context, place, base string, r request) int {
	w.Helper()
	status, answer := w.send(ctx, base, r)
	if found := w.look(place, answer); len(found) > 0 {
		w.Logf("%s: %s %s %s: %d %s", place, r.method, r.path, r.body, status, answer)
	}
	return status
}

// sendWrongRequests puts guests into every field of every operation that the
// API's own document tells of, one at a time: path, query, headers and body.
func (w *watch) sendWrongRequests(ctx context.Context) {
	w.Helper()
	var d document
	require.NoError(w, json.Unmarshal([]byte(fetch(ctx, w.T, w.API+"/openapi.json")), &d))
	require.Greater(w, len(d.Paths), 5)
	values := []string{planted.FirstName + " " + planted.LastName, planted.Email, planted.Phone, planted.Comment}
	count := map[bool]int{}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for method, op := range d.Paths[path] {
			for _, value := range values {
				for _, r := range d.spoiled(w.T, w.Hotel.ID, strings.ToUpper(method), path, op, value) {
					r.header = merge(map[string]string{"Idempotency-Key": ulid.Make().String()}, r.header)
					status, answer := w.send(ctx, w.API, r)
					refused := status >= 400
					count[refused]++
					if found := w.look("answers of the API, "+map[bool]string{true: "refused", false: "accepted"}[refused], answer); len(found) > 0 {
						w.Logf("%s %s %s: %d %s", r.method, r.path, r.body, status, answer)
					}
				}
			}
		}
	}
	for _, r := range strangePaths() {
		require.GreaterOrEqual(w, w.exchange(ctx, "answers of the API, refused", w.API, r), 400, r.path)
	}
	w.Logf("%d wrong requests refused, %d taken", count[true], count[false])
	require.Greater(w, count[true], 200)
}

// strangePaths are of no operation.
func strangePaths() (all []request) {
	name, mail := pathOf(planted.LastName), planted.Email
	guest, _ := json.Marshal(planted)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "QUASTEN"} {
		for _, path := range []string{"/" + name + "?" + queryOf(mail, name), "/v1/hotels/" + name, "/v1/webhooks/apaleo/" + name + "/" + name, "/v1/webhooks/" + name, "/problems/" + name, "/docs/" + name} {
			all = append(all, request{method: method, path: path, body: string(guest)})
		}
	}
	return append(all, request{method: http.MethodGet, path: "/v1/hotels/x/status", header: map[string]string{"Authorization": "Bearer " + mail}},
		request{method: http.MethodGet, path: "/v1/hotels/x/status", header: map[string]string{"Authorization": mail}})
}

// A document is what of the API's OpenAPI is needed to spoil its requests.
type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Parameters []struct {
		Name    string `json:"name"`
		In      string `json:"in"`
		Example any    `json:"example"`
	} `json:"parameters"`
	RequestBody *struct {
		Content map[string]struct {
			Schema  schema `json:"schema"`
			Example any    `json:"example"`
		} `json:"content"`
	} `json:"requestBody"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

// variable is a part of a path that varies.
var variable = regexp.MustCompile(`\{[a-z_]+\}`)

// spoiled are the requests of an operation with a value in each place in turn.
func (d document) spoiled(t *testing.T, hotel, method, path string, op operation, value string) (all []request) {
	t.Helper()
	filled := func(path string) string {
		path = strings.NewReplacer("{hotel}", hotel, "{vendor}", "apaleo").Replace(path)
		return variable.ReplaceAllString(path, ulid.Make().String())
	}
	base := filled(path)
	body := ""
	if op.RequestBody != nil {
		content := op.RequestBody.Content["application/json"]
		body = jsonOf(t, content.Example)
		for _, at := range d.fields(content.Schema, nil, 0) {
			all = append(all, request{method: method, path: base, body: jsonOf(t, spoil(content.Example, at, value))})
		}
		all = append(all, request{method: method, path: base, body: jsonOf(t, value)}, request{method: method, path: base, body: body[:len(body)-1] + `,"` + value + `":1}`},
			request{method: method, path: base, body: body[:len(body)-1] + `,"x":"` + value},
			request{method: method, path: base, body: body, header: map[string]string{"Content-Type": "text/" + value}})
	}
	for _, p := range op.Parameters {
		r := request{method: method, path: base, body: body}
		switch p.In {
		case "path":
			r.path = filled(strings.ReplaceAll(path, "{"+p.Name+"}", pathOf(value)))
		case "query":
			r.path += "?" + queryOf(p.Name, value)
		case "header":
			r.header = map[string]string{p.Name: url.PathEscape(value)}
		}
		all = append(all, r)
	}
	return append(all, request{method: method, path: base + "?" + queryOf(value, value), body: body})
}

// fields are the places of a schema, by their names; items of lists are "0".
func (d document) fields(s schema, at []string, depth int) (all [][]string) {
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if depth > 5 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		inner := append(slices.Clone(at), name)
		all = append(append(all, inner), d.fields(s.Properties[name], inner, depth+1)...)
	}
	if s.Items != nil {
		inner := append(slices.Clone(at), "0")
		all = append(append(all, inner), d.fields(*s.Items, inner, depth+1)...)
	}
	return all
}

// spoil puts a value into a document, and makes what is missing on the way.
func spoil(in any, at []string, value string) any {
	if len(at) == 0 {
		return value
	}
	if at[0] == "0" {
		var first any
		if list, ok := in.([]any); ok && len(list) > 0 {
			first = list[0]
		}
		return []any{spoil(first, at[1:], value)}
	}
	object, _ := in.(map[string]any)
	out := maps.Clone(object)
	if out == nil {
		out = map[string]any{}
	}
	out[at[0]] = spoil(out[at[0]], at[1:], value)
	return out
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func pathOf(value string) string { return url.PathEscape(value) }

func queryOf(name, value string) string { return url.Values{name: {value}}.Encode() }

func merge(base, over map[string]string) map[string]string {
	all := maps.Clone(base)
	maps.Copy(all, over)
	return all
}
