// Package register is the register of processing of Article 30 GDPR as data:
// what personal data is processed for, on which basis, about whom, who gets it,
// and where every bit of it lies, down to the column of a table.
//
// The files in data/ are the register. Tests hold them against the migrated
// databases, the workers' queues and the connectors, so that a place for
// personal data that nobody wrote down fails the build. Documents, access packs,
// retention policies and erasure plans all read it.
package register

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed data
var files embed.FS

// ErrInvalid says that a file of the register contradicts itself or another.
var ErrInvalid = errors.New("register: invalid")

// A Register is the whole of it. It is read-only and shared.
type Register struct {
	Activities []Activity  `yaml:"activities"`
	Recipients []Recipient `yaml:"recipients"`
	Stores     []Store     `yaml:"stores"`
}

// Role is whose processing an activity is: Article 30 has a form for each.
type Role string

// A hotel decides as controller, and we process for it; what the installation
// does for its own security and users it decides itself.
const (
	ForHotel Role = "processor"
	Own      Role = "controller"
)

// An Activity is a purpose of processing with all that Article 30 asks of it.
type Activity struct {
	ID      string `yaml:"id"`
	Name    string `yaml:"name"`
	Role    Role   `yaml:"role"`
	Purpose string `yaml:"purpose"`
	// Basis is the controller's legal basis as we understand it; the hotel
	// decides.
	Basis []Basis `yaml:"basis"`
	// People and Data are categories in words; Classes are the same as data.
	People     []string `yaml:"people"`
	Data       []string `yaml:"data"`
	Classes    []Class  `yaml:"classes"`
	Recipients []string `yaml:"recipients"` // ids
	Transfers  string   `yaml:"transfers"`  // to third countries
	Term       string   `yaml:"term"`       // the rule in words; the days are the retention policy's
	Source     string   `yaml:"source"`     // where the data comes from
	Automated  string   `yaml:"automated"`  // decisions without a person
}

// A Basis is an article and why it carries the purpose.
type Basis struct {
	Article string `yaml:"article"`
	Why     string `yaml:"why"`
	// Lawyer marks what a lawyer must decide for a country or hotel.
	Lawyer bool `yaml:"lawyer"`
}

// A Recipient is somebody who gets data, by name.
type Recipient struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// Kind is controller_system, sub_processor, operated, authority, hotel or
	// person.
	Kind    string   `yaml:"kind"`
	What    string   `yaml:"what"`
	Country string   `yaml:"country"` // or how it is found out
	Vendor  string   `yaml:"vendor"`  // of connectors.Vendors, for a hotel's system
	Setting string   `yaml:"setting"` // that names the endpoint
	Classes []Class  `yaml:"classes"`
	Data    []string `yaml:"data"`
}

// Kind is what sort of place a store is.
type Kind string

// The kinds of stores.
const (
	Table     Kind = "table"
	Objects   Kind = "objects"
	Queue     Kind = "queue"
	Connector Kind = "connector"
	Temporal  Kind = "temporal"
	Signal    Kind = "signal" // logs, metrics, traces
	Memory    Kind = "memory"
)

// Databases that tables are in.
const (
	Main = "main"
	Keys = "keys"
)

// A Store is a place where data lies or passes. None gives the reason why it
// holds no personal data; else Class, Purposes, Eraser and Source are given.
type Store struct {
	Kind     Kind              `yaml:"kind"`
	Database string            `yaml:"database"`
	Name     string            `yaml:"name"`
	None     string            `yaml:"none"`
	Class    Class             `yaml:"class"`
	Also     []Class           `yaml:"also"` // other classes whose data passes here
	Purposes []string          `yaml:"purposes"`
	Holds    string            `yaml:"holds"`
	Sealed   string            `yaml:"sealed"` // key purpose, "no", or how else
	Eraser   string            `yaml:"eraser"`
	Source   string            `yaml:"source"`
	Columns  map[string]Column `yaml:"columns"`
}

// Personal tells whether the store holds personal data.
func (s Store) Personal() bool { return s.None == "" }

// A Column is what a table's column holds: personal data, or none and why.
type Column struct {
	None string `yaml:"none"`
	Data string `yaml:"data"`
	// Sealed is the purpose of the key that seals it; "no" is open, "hmac" and
	// "sha256" are digests.
	Sealed string `yaml:"sealed"`
}

// UnmarshalYAML takes a plain string as the reason for none.
func (c *Column) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		c.None = n.Value
		return nil
	}
	type plain Column
	return n.Decode((*plain)(c))
}

// Load reads the register and checks that it agrees with itself. It reads the
// embedded files once.
func Load() (Register, error) { return load() }

var load = sync.OnceValues(func() (Register, error) {
	root, err := fs.Sub(files, "data")
	if err != nil {
		return Register{}, err
	}
	return Parse(root)
})

// Parse reads all YAML files of a folder as one register.
func Parse(folder fs.FS) (Register, error) {
	var r Register
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return Register{}, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return Register{}, err
		}
		var part Register
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&part); err != nil {
			return Register{}, fmt.Errorf("%w: %s: %w", ErrInvalid, name, err)
		}
		r.Activities = append(r.Activities, part.Activities...)
		r.Recipients = append(r.Recipients, part.Recipients...)
		r.Stores = append(r.Stores, part.Stores...)
	}
	if flaws := r.Flaws(); len(flaws) > 0 {
		return Register{}, fmt.Errorf("%w: %w", ErrInvalid, errors.Join(flaws...))
	}
	return r, nil
}

// Activity returns the activity of an id.
func (r Register) Activity(id string) (Activity, bool) {
	i := slices.IndexFunc(r.Activities, func(a Activity) bool { return a.ID == id })
	if i < 0 {
		return Activity{}, false
	}
	return r.Activities[i], true
}

// Recipient returns the recipient of an id.
func (r Register) Recipient(id string) (Recipient, bool) {
	i := slices.IndexFunc(r.Recipients, func(a Recipient) bool { return a.ID == id })
	if i < 0 {
		return Recipient{}, false
	}
	return r.Recipients[i], true
}

// Of returns the stores that hold data of a class.
func (r Register) Of(class Class) []Store {
	var found []Store
	for _, s := range r.Stores {
		if s.Personal() && (s.Class == class || slices.Contains(s.Also, class)) {
			found = append(found, s)
		}
	}
	return found
}

// By returns the activities that process data of a class.
func (r Register) By(class Class) []Activity {
	var found []Activity
	for _, a := range r.Activities {
		if slices.Contains(a.Classes, class) {
			found = append(found, a)
		}
	}
	return found
}
