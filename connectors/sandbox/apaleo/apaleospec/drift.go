package apaleospec

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// A Drift is a known difference between the vendor's old files and its API of
// today, or a quirk of the tools that read them. Each one changes the loaded
// document in one way, so nothing else is let through with it.
type Drift struct {
	Name   string
	Reason string
	apply  func(*openapi3.T)
}

// Drifts lists everything that the check knows to be different.
func Drifts() []Drift {
	return []Drift{
		{
			Name:   "channel codes AltoVita and DesVu",
			Reason: "the vendor's own client of 2026 sends them; the file of 2021 does not list them",
			apply: func(doc *openapi3.T) {
				eachSchema(doc, func(s *openapi3.Schema) {
					if slices.Contains(s.Enum, any("BookingCom")) {
						s.Enum = append(s.Enum, "AltoVita", "DesVu")
					}
				})
			},
		},
		{
			Name:   "date filters ArrivalAndCheckIn and DepartureAndCheckOut",
			Reason: "added after 2021 according to the vendor's own client",
			apply: func(doc *openapi3.T) {
				eachParameter(doc, func(p *openapi3.Parameter) {
					if p.Name == "dateFilter" {
						p.Schema.Value.Enum = append(p.Schema.Value.Enum, "ArrivalAndCheckIn", "DepartureAndCheckOut")
					}
				})
			},
		},
		{
			Name:   "list filters externalReferences, isPreCheckedIn and marketSegmentIds",
			Reason: "added after 2021 according to the vendor's own client",
			apply: func(doc *openapi3.T) {
				list := doc.Paths.Value("/booking/v1/reservations")
				if list == nil {
					return
				}
				for _, name := range []string{"externalReferences", "isPreCheckedIn", "marketSegmentIds"} {
					list.Get.Parameters = append(list.Get.Parameters, &openapi3.ParameterRef{
						Value: openapi3.NewQueryParameter(name).WithSchema(openapi3.NewStringSchema()),
					})
				}
			},
		},
		{
			Name:   "field vehicleRegistration of guests",
			Reason: "added after 2021 according to the vendor's own client",
			apply: func(doc *openapi3.T) {
				for _, name := range []string{"GuestModel", "BookerModel"} {
					if ref := doc.Components.Schemas[name]; ref != nil {
						ref.Value.WithProperty("vehicleRegistration", openapi3.NewStringSchema())
					}
				}
			},
		},
		{
			Name:   "arrays in queries are separated by commas",
			Reason: "Swagger 2 means commas when a file names no collectionFormat; the conversion takes OpenAPI 3's repeated parameters instead",
			apply: func(doc *openapi3.T) {
				eachParameter(doc, func(p *openapi3.Parameter) {
					if p.In == openapi3.ParameterInQuery && p.Style == "" && p.Schema != nil && p.Schema.Value.Type.Is("array") {
						p.Style, p.Explode = openapi3.SerializationForm, openapi3.Ptr(false)
					}
				})
			},
		},
		{
			Name:   "pageSize has no default",
			Reason: "the file says 100 in the schema and \"all values\" in the text; the text holds, so no default is written into requests",
			apply: func(doc *openapi3.T) {
				eachParameter(doc, func(p *openapi3.Parameter) {
					if p.Name == "pageSize" {
						p.Schema.Value.Default = nil
					}
				})
			},
		},
		{
			Name:   "status 429",
			Reason: "documented on the vendor's rate limit page, missing in its files",
			apply:  allowTooMany,
		},
	}
}

// allowTooMany adds status 429 to every operation.
func allowTooMany(doc *openapi3.T) {
	eachOperation(doc, func(_, _ string, op *openapi3.Operation) {
		op.AddResponse(429, openapi3.NewResponse().WithDescription("Too many requests."))
	})
}

// strict makes unknown fields findings, where the file leaves them open.
func strict(doc *openapi3.T) {
	for _, ref := range doc.Components.Schemas {
		s := ref.Value
		if s != nil && len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
			s.AdditionalProperties.Has = openapi3.Ptr(false)
		}
	}
}

func eachOperation(doc *openapi3.T, f func(method, path string, op *openapi3.Operation)) {
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			f(method, path, op)
		}
	}
}

func eachParameter(doc *openapi3.T, f func(*openapi3.Parameter)) {
	eachOperation(doc, func(_, _ string, op *openapi3.Operation) {
		for _, ref := range op.Parameters {
			f(ref.Value)
		}
	})
}

// eachSchema visits the schemas of components, their fields and array items,
// and those of parameters: as deep as enums lie in the vendor's files.
func eachSchema(doc *openapi3.T, f func(*openapi3.Schema)) {
	visit := func(s *openapi3.Schema) {
		f(s)
		if s.Items != nil && s.Items.Ref == "" {
			f(s.Items.Value)
		}
	}
	for _, ref := range doc.Components.Schemas {
		visit(ref.Value)
		for _, field := range ref.Value.Properties {
			if field.Ref == "" {
				visit(field.Value)
			}
		}
	}
	eachParameter(doc, func(p *openapi3.Parameter) {
		if p.Schema != nil && p.Schema.Ref == "" {
			visit(p.Schema.Value)
		}
	})
}
