package letters

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// ErrTexts is wrapped by every complaint about the files of texts.
var ErrTexts = errors.New("letters: the texts are not complete")

// file is one language's file, as it is written.
type file struct {
	Language  string                       `yaml:"language"`
	Months    []string                     `yaml:"months"`
	Date      string                       `yaml:"date"`
	Money     string                       `yaml:"money"`
	Decimal   string                       `yaml:"decimal"`
	Group     string                       `yaml:"group"`
	Plurals   map[string]map[string]string `yaml:"plurals"`
	Greeting  string                       `yaml:"greeting"`
	Closing   string                       `yaml:"closing"`
	Contact   string                       `yaml:"contact"`
	Privacy   string                       `yaml:"privacy"`
	Automatic string                       `yaml:"automatic"`
	None      string                       `yaml:"none"`
	Complaint string                       `yaml:"complaint"`
	KeptUntil string                       `yaml:"kept_until"`
	Rights    map[string]string            `yaml:"rights"`
	Reasons   map[string]string            `yaml:"reasons"`
	Kept      map[string]string            `yaml:"kept"`
	Kinds     map[Kind]kindTexts           `yaml:"kinds"`
}

// kindTexts are the texts of one kind. SMS is empty where the kind needs more
// room than a text message has.
type kindTexts struct {
	Subject string       `yaml:"subject"`
	SMS     string       `yaml:"sms"`
	Body    []blockTexts `yaml:"body"`
}

// blockTexts is one part of a letter: exactly one of its fields but Intro.
type blockTexts struct {
	Text  string      `yaml:"text"`
	Code  string      `yaml:"code"`
	Facts [][2]string `yaml:"facts"`
	List  string      `yaml:"list"` // reasons or kept
	Intro string      `yaml:"intro"`
	Note  string      `yaml:"note"` // explanation
	Link  string      `yaml:"link"`
}

// readFile reads a language's file and refuses fields that it does not know.
func readFile(files fs.FS, name string) (file, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return file{}, fmt.Errorf("letters: read the texts: %w", err)
	}
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		return file{}, fmt.Errorf("%w: %s: %w", ErrTexts, name, err)
	}
	if want := strings.TrimSuffix(name, ".yaml"); f.Language != want {
		return file{}, fmt.Errorf("%w: %s: it says it is %q", ErrTexts, name, f.Language)
	}
	if err := f.validate(); err != nil {
		return file{}, fmt.Errorf("%w: %s: %w", ErrTexts, name, err)
	}
	return f, nil
}

func (f file) validate() error {
	var missing []error
	want := func(what string, ok bool) {
		if !ok {
			missing = append(missing, fmt.Errorf("%s is missing or not what it should be", what))
		}
	}
	want("months", len(f.Months) == 12 && !slices.Contains(f.Months, ""))
	for what, text := range map[string]string{
		"date": f.Date, "money": f.Money, "decimal": f.Decimal, "group": f.Group, "greeting": f.Greeting,
		"closing": f.Closing, "contact": f.Contact, "privacy": f.Privacy, "automatic": f.Automatic, "none": f.None, "kept_until": f.KeptUntil,
	} {
		want(what, text != "")
	}
	want("complaint", strings.Contains(f.Complaint, ".Authority.Name") && strings.Contains(f.Complaint, ".Authority.URL"))
	want("rights", covers(f.Rights, Rights()))
	want("reasons", covers(f.Reasons, slices.Concat(ExtensionReasons(), RefusalReasons())))
	want("kept", covers(f.Kept, KeptThings()))
	want("plurals", slices.Equal(slices.Sorted(maps.Keys(f.Plurals)), []string{"guests", "minutes", "nights"}))
	for _, kind := range Kinds() {
		want("kind "+string(kind), f.Kinds[kind].valid())
	}
	want("kinds", len(f.Kinds) == len(Kinds()))
	return errors.Join(missing...)
}

// covers tells whether texts has exactly these names, none of them empty.
func covers(texts map[string]string, names []string) bool {
	return len(texts) == len(names) && !slices.ContainsFunc(names, func(n string) bool { return texts[n] == "" })
}

func (k kindTexts) valid() bool {
	return k.Subject != "" && len(k.Body) > 0 &&
		!slices.ContainsFunc(k.Body, func(b blockTexts) bool { return b.shape() == "" })
}

// shape names what a block is, or is empty for one that is nothing or two
// things at once.
func (b blockTexts) shape() string {
	var shapes []string
	for shape, there := range map[string]bool{
		"text": b.Text != "", "code": b.Code != "", "facts": len(b.Facts) > 0,
		"list " + b.List: b.List == "reasons" || b.List == "kept" && b.Intro != "",
		"note":           b.Note == "explanation", "link": b.Link != "",
	} {
		if there {
			shapes = append(shapes, shape)
		}
	}
	if len(shapes) != 1 {
		return ""
	}
	return shapes[0]
}
