package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

func (b *bench) get(t *testing.T, path, contentType string) string {
	t.Helper()
	w := b.send(t, request{method: "GET", path: path, as: "-"})
	require.Equal(t, 200, w.Code, path)
	require.Equal(t, contentType, w.Header().Get("Content-Type"), path)
	return w.Body.String()
}

func TestOpenAPIDocumentIsValid(t *testing.T) {
	t.Parallel()
	text := newBench(t).get(t, "/openapi.json", "application/openapi+json")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	require.Equal(t, "3.1.0", doc.OpenAPI)
	require.Equal(t, "1.2.3", doc.Info.Version)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			require.NotEmpty(t, op.OperationID, where)
			require.NotEmpty(t, op.Summary, where)
			for _, status := range []string{"401", "403", "404", "422", "500", "503"} {
				response := op.Responses.Value(status)
				require.NotNil(t, response, "%s has no %s", where, status)
				require.Equal(t, "#/components/schemas/Problem", response.Value.Content["application/problem+json"].Schema.Ref, where)
			}
		}
	}
}

// What the document says of the wire's types must be what is on the wire.
func TestOpenAPISchemas(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any
				Required   []string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(newBench(t).get(t, "/openapi.json", "application/openapi+json")), &doc))
	schemas := doc.Components.Schemas
	require.NotContains(t, schemas, "ErrorModel")
	require.NotContains(t, schemas["Stay"].Properties, "guest")
	require.NotContains(t, schemas["Offer"].Properties, "vendor")
	require.Equal(t, "date", schemas["StayRequest"].Properties["arrival"]["format"])
	require.Len(t, schemas["Reservation"].Properties["state"]["enum"], 7)
	require.Equal(t, []string{"quote_id", "guest"}, schemas["BookRequest"].Required)
	for name, texts := range fieldTexts() {
		for field, text := range texts {
			p, ok := schemas[name].Properties[field]
			require.True(t, ok, "fieldTexts tells of %s.%s, which is not there", name, field)
			if p["$ref"] == nil {
				require.Equal(t, text, p["description"], "%s.%s", name, field)
			}
		}
	}
}

// The addresses are a promise to call platforms: changing this file breaks
// them.
func TestAddresses(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string   `json:"operationId"`
			Roles       []string `json:"x-roles"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(newBench(t).get(t, "/openapi.json", "application/openapi+json")), &doc))
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			op := doc.Paths[path][method]
			fmt.Fprintf(&b, "%-6s %s  %s  %s\n", strings.ToUpper(method), path, op.OperationID, strings.Join(op.Roles, ","))
		}
	}
	want, err := os.ReadFile("testdata/addresses.golden")
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func TestDocsTellOfEveryOperationAndType(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.get(t, "/docs", "text/html; charset=utf-8")
	for _, want := range []string{
		"Book a quote", "/v1/hotels/{hotel}/reservations/{id}/confirm", "Idempotency-Key", "Fix a price", "sold-out",
		`id="type-Reservation"`, `id="type-Problem"`, "1.2.3", "unknown", "curl -X DELETE",
	} {
		require.Contains(t, docs, want)
	}
	require.NotContains(t, docs, "<script")
	require.Contains(t, b.get(t, "/docs/style.css", "text/css; charset=utf-8"), "prefers-color-scheme")
}

// Offline means that a page needs nothing from elsewhere, and no link of it is
// dead.
func TestPagesWorkOffline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pages := []string{"/docs", "/problems"}
	for _, kind := range Problems() {
		pages = append(pages, "/problems/"+kind.Code)
	}
	reference := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	for _, path := range pages {
		html := b.get(t, path, "text/html; charset=utf-8")
		for _, match := range reference.FindAllStringSubmatch(html, -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if target == "" {
				require.Contains(t, html, `id="`+anchor+`"`, "%s links to #%s", path, anchor)
				continue
			}
			require.True(t, strings.HasPrefix(target, "/"), "%s needs %s", path, target)
			require.Equal(t, 200, b.send(t, request{method: "GET", path: target, as: "-"}).Code, "%s links to %s", path, target)
		}
	}
}

// A caller finds the problem's page where its type says.
func TestProblemTypesAreAddresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := b.get(t, "/problems", "text/html; charset=utf-8")
	for _, kind := range Problems() {
		require.Contains(t, list, kind.Code)
		require.Contains(t, b.get(t, "/problems/"+kind.Code, "text/html; charset=utf-8"), "Deutsch")
	}
}
