package mapping

// A Patch is a change to a resource in the form of JSON Patch, RFC 6902.
type Patch []PatchStep

// A PatchStep is one operation of a Patch.
type PatchStep struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// Replace sets a field that there is.
func (p Patch) Replace(path string, value any) Patch {
	return append(p, PatchStep{Op: "replace", Path: path, Value: value})
}

// Set sets a field, be it there or not, so that repeating it leaves the same:
// "add", which replaces what there is.
func (p Patch) Set(path string, value any) Patch {
	return append(p, PatchStep{Op: "add", Path: path, Value: value})
}
