package letters

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/text/language"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/config/messages"
	"github.com/voicehive/voicehive/internal/notify"
)

// Languages are those that every kind can be written in. The last resort is
// the first of them.
func Languages() []string { return []string{"en", "de", "fr", "es", "it", "nl", "pl"} }

// MaxSentence bounds a hotel's own sentence, in characters.
const MaxSentence = 400

var (
	// ErrChannel: a kind needs more room than the channel has.
	ErrChannel = errors.New("letters: this kind of message is written by e-mail only")
	// ErrLanguage: what was asked for is no language tag. It is not quoted.
	ErrLanguage = errors.New("letters: not a language tag of BCP 47, such as de or pt-BR")
	// ErrSentence: a hotel's own sentence cannot be added as it is.
	ErrSentence = fmt.Errorf("letters: a hotel's own sentence is 1 to %d characters of text", MaxSentence)
)

// Letters writes messages. It is safe for concurrent use.
type Letters struct {
	languages   map[string]*texts
	authorities map[string]Authority
}

// An Authority is one that a guest may complain to.
type Authority struct {
	Name string `yaml:"name"`
	URL  string `yaml:"url"`
}

// texts are one language's, ready to be filled in.
type texts struct {
	*locale
	contact, privacy, complaint, keptUntil *template.Template
	kinds                                  map[Kind]kind
}

// kind is one kind of message in one language.
type kind struct {
	subject, sms *template.Template // sms may be nil
	body         []block
}

// block is one part of a letter.
type block struct {
	blockTexts
	text  *template.Template // of text, code and link
	facts [][2]*template.Template
}

// New returns the letters that ship with VoiceHive.
func New() (*Letters, error) { return Load(messages.Files, messages.Authorities) }

// Load reads the languages' files and the authorities, and writes every kind
// once in every language: an error tells all that is wrong, and wraps ErrTexts.
func Load(files fs.FS, authorities []byte) (*Letters, error) {
	l := &Letters{languages: map[string]*texts{}}
	if err := yaml.Unmarshal(authorities, &l.authorities); err != nil {
		return nil, fmt.Errorf("%w: the authorities: %w", ErrTexts, err)
	}
	if l.authorities["EU"].Name == "" {
		return nil, fmt.Errorf("%w: the authorities have no entry for EU", ErrTexts)
	}
	var wrong []error
	for _, name := range Languages() {
		f, err := readFile(files, name+".yaml")
		if err == nil {
			l.languages[name], err = newTexts(f)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%w: %s: %w", ErrTexts, name, err))
		}
	}
	if len(wrong) == 0 {
		wrong = l.rehearse()
	}
	return l, errors.Join(wrong...)
}

func newTexts(f file) (*texts, error) {
	l, err := newLocale(f)
	if err != nil {
		return nil, err
	}
	t := &texts{locale: l, kinds: map[Kind]kind{}}
	funcs := l.funcs()
	var wrong []error
	read := func(name, text string) *template.Template {
		parsed, err := parse(name, text, funcs)
		wrong = append(wrong, err)
		return parsed
	}
	t.contact, t.privacy = read("contact", f.Contact), read("privacy", f.Privacy)
	t.complaint, t.keptUntil = read("complaint", f.Complaint), read("kept_until", f.KeptUntil)
	for name, written := range f.Kinds {
		k := kind{subject: read(string(name), written.Subject)}
		if written.SMS != "" {
			k.sms = read(string(name), written.SMS)
		}
		for _, b := range written.Body {
			parsed := block{blockTexts: b, text: read(string(name), b.Text+b.Code+b.Link)}
			for _, fact := range b.Facts {
				parsed.facts = append(parsed.facts, [2]*template.Template{read(string(name), fact[0]), read(string(name), fact[1])})
			}
			k.body = append(k.body, parsed)
		}
		t.kinds[name] = k
	}
	return t, errors.Join(wrong...)
}

// rehearse writes everything once, and holds the languages against the first.
func (l *Letters) rehearse() []error {
	var wrong []error
	for _, name := range Languages() {
		for _, data := range samples() {
			if got, want := l.languages[name].shape(data.Kind()), l.languages["en"].shape(data.Kind()); !slices.Equal(got, want) {
				wrong = append(wrong, fmt.Errorf("%w: %s: %s has other parts than in English", ErrTexts, name, data.Kind()))
			}
			for _, channel := range []notify.Channel{notify.Email, notify.SMS} {
				_, err := l.Write(Order{Hotel: sampleHotel(), Languages: []string{name}, Channel: channel, Data: data})
				if err != nil && !errors.Is(err, ErrChannel) {
					wrong = append(wrong, fmt.Errorf("%w: %s: %s by %s: %w", ErrTexts, name, data.Kind(), channel, err))
				}
			}
		}
	}
	return wrong
}

// shape is what a kind is made of.
func (t *texts) shape(k Kind) []string {
	shape := []string{fmt.Sprint(t.kinds[k].sms != nil)}
	for _, b := range t.kinds[k].body {
		shape = append(shape, fmt.Sprintf("%s %d", b.shape(), len(b.facts)))
	}
	return shape
}

// Choose returns the language to write in: the first that we have of what the
// guest wants, then of what the hotel speaks, then English. A wish that is no
// language tag is an ErrLanguage.
func Choose(wanted, hotel []string) (string, error) {
	for _, tag := range wanted {
		// One that is well formed and means nothing to us is passed over.
		var unheard language.ValueError
		if _, err := language.Parse(tag); err != nil && !errors.As(err, &unheard) {
			return "", ErrLanguage
		}
	}
	for _, tag := range slices.Concat(wanted, hotel) {
		parsed, err := language.Parse(tag)
		if err != nil {
			continue
		}
		if base, _ := parsed.Base(); slices.Contains(Languages(), base.String()) {
			return base.String(), nil
		}
	}
	return Languages()[0], nil
}

// AuthorityOf is the authority to name to guests of hotels in a country.
func (l *Letters) AuthorityOf(country string) Authority {
	if a, ok := l.authorities[country]; ok {
		return a
	}
	return l.authorities["EU"]
}

// ValidateSentence checks a hotel's own sentence.
func ValidateSentence(s string) error {
	if strings.TrimSpace(s) != s || !line(s, MaxSentence) {
		return ErrSentence
	}
	return nil
}
