package apaleospec

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Env names the folder of vendor files; it holds a folder apaleo.
const Env = "VOICEHIVE_VENDOR_SPECS"

// files are the vendor's, by name in the folder apaleo.
var files = [...]string{"booking-v1.swagger.json", "inventory-v1.swagger.json"}

//go:embed prose.yaml
var prose []byte

// ErrNoSpecs means that the vendor's files are not on this machine.
var ErrNoSpecs = errors.New("the vendor's Swagger files were not found: set " + Env + " to the folder that holds apaleo/booking-v1.swagger.json")

// A Spec is the vendor's files, and our prose, ready to check against. It
// counts what it saw. It is safe for concurrent use.
type Spec struct {
	vendor bool // the vendor's own files are loaded
	parts  []part
	events *openapi3.Schema

	mu   sync.Mutex
	seen map[string]map[int]int // operation id to status to count
}

type part struct {
	doc    *openapi3.T
	router routers.Router
	prose  bool
}

// Load reads the vendor's files from a folder such as vendors/apaleo.
func Load(dir string) (*Spec, error) {
	spec, err := loadProse()
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		doc, err := loadSwagger(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if err := spec.add(doc, false); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	spec.vendor = true
	return spec, nil
}

// loadProse makes a spec of the hand-written part alone.
func loadProse() (*Spec, error) {
	doc, err := openapi3.NewLoader().LoadFromData(prose)
	if err != nil {
		return nil, fmt.Errorf("read prose.yaml: %w", err)
	}
	allowTooMany(doc)
	spec := &Spec{seen: map[string]map[int]int{}, events: doc.Components.Schemas["WebhookEvent"].Value}
	if err := spec.add(doc, true); err != nil {
		return nil, fmt.Errorf("read prose.yaml: %w", err)
	}
	return spec, nil
}

func loadSwagger(path string) (*openapi3.T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the vendor's file: %w", err)
	}
	var old openapi2.T
	if err := json.Unmarshal(data, &old); err != nil {
		return nil, fmt.Errorf("%s is no Swagger 2.0 file: %w", filepath.Base(path), err)
	}
	doc, err := openapi2conv.ToV3(&old)
	if err != nil {
		return nil, fmt.Errorf("convert %s to OpenAPI 3: %w", filepath.Base(path), err)
	}
	strict(doc)
	for _, drift := range Drifts() {
		drift.apply(doc)
	}
	return doc, nil
}

func (s *Spec) add(doc *openapi3.T, prose bool) error {
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{doc: doc, router: router, prose: prose})
	return nil
}

// Find tells the folder of the vendor's Apaleo files; ErrNoSpecs when there is
// none and none was named, another error when the one named is wrong.
func Find() (string, error) {
	if root := os.Getenv(Env); root != "" {
		dir := filepath.Join(root, "apaleo")
		if _, err := os.Stat(filepath.Join(dir, files[0])); err != nil {
			return "", fmt.Errorf("%s names a folder without apaleo/%s: %w", Env, files[0], err)
		}
		return dir, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", ErrNoSpecs
		}
		dir = parent
	}
	specs := filepath.Join(filepath.Dir(dir), "shared", "vendors", "apaleo")
	if _, err := os.Stat(filepath.Join(specs, files[0])); errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoSpecs
	} else if err != nil {
		return "", fmt.Errorf("look for the vendor's files: %w", err)
	}
	return specs, nil
}

// A T is the part of *testing.T that Require needs.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Require loads the vendor's files for a test. Where they are missing it fails
// the test if CI=true; else it says so loudly, and the test runs with the
// hand-written part only, as in a stranger's clone.
func Require(t T) *Spec {
	t.Helper()
	dir, err := Find()
	if errors.Is(err, ErrNoSpecs) && os.Getenv("CI") != "true" {
		t.Logf("WARNING: NOT CHECKED AGAINST THE VENDOR'S SPEC: %v", err)
		spec, err := loadProse()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return spec
	}
	if err != nil {
		t.Fatalf("this test needs the vendor's spec: %v", err)
		return nil
	}
	spec, err := Load(dir)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return spec
}

// Vendor reports whether the vendor's own files are loaded.
func (s *Spec) Vendor() bool { return s.vendor }

// An Operation is one that the spec knows, with what was seen of it.
type Operation struct {
	ID, Method, Path string
	// Prose marks an operation that only our hand-written schema describes.
	Prose bool
	// Statuses counts the checked answers by status; empty when the operation
	// was never exercised. Faulted answers are not counted.
	Statuses map[int]int
}

// Operations lists every operation of the spec, by path and method.
func (s *Spec) Operations() []Operation {
	var all []Operation
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parts {
		eachOperation(p.doc, func(method, path string, op *openapi3.Operation) {
			all = append(all, Operation{
				ID: op.OperationID, Method: method, Path: path, Prose: p.prose, Statuses: maps.Clone(s.seen[op.OperationID]),
			})
		})
	}
	slices.SortFunc(all, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return all
}

func (s *Spec) count(id string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[id] == nil {
		s.seen[id] = map[int]int{}
	}
	s.seen[id][status]++
}

// CheckEvent holds a webhook event against the documented payload.
func (s *Spec) CheckEvent(body []byte) error {
	var event any
	if err := json.Unmarshal(body, &event); err != nil {
		return errors.New("the event is no JSON")
	}
	if found := reasons(s.events.VisitJSON(event, openapi3.MultiErrors())); len(found) > 0 {
		return fmt.Errorf("the event does not fit the documented payload: %s", found[0])
	}
	return nil
}
