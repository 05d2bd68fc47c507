package consent

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/config/wordings"
)

// ErrWording: there is no such wording, or its words are others.
var ErrWording = errors.New("consent: no wording of that purpose, version and language; see the list of wordings")

// languages are those that guests are spoken to in.
var languages = []string{"en", "de", "fr", "es", "it", "nl", "pl"}

// Languages are those that wordings and the notice are there in.
func Languages() []string { return slices.Clone(languages) }

// A Wording is the exact words of a question in one language.
type Wording struct {
	Purpose  Purpose
	Version  string
	Language string
	Text     string
	Hash     [32]byte // SHA-256 of Text in UTF-8
}

type wordingFile struct {
	Purposes map[Purpose][]struct {
		Version string            `yaml:"version"`
		Texts   map[string]string `yaml:"texts"`
	} `yaml:"purposes"`
}

// allWordings reads the shipped wordings once. They are checked by the tests.
var allWordings = sync.OnceValues(func() ([]Wording, error) { return parseWordings(wordings.Consent) })

func parseWordings(text []byte) ([]Wording, error) {
	var file wordingFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("consent: read the wordings: %w", err)
	}
	var all []Wording
	for _, purpose := range Purposes() {
		for _, v := range file.Purposes[purpose] {
			for _, language := range languages {
				if v.Version == "" || v.Texts[language] == "" {
					return nil, fmt.Errorf("consent: wording %q for %s lacks language %s", v.Version, purpose, language)
				}
				all = append(all, Wording{
					Purpose: purpose, Version: v.Version, Language: language, Text: v.Texts[language],
					Hash: sha256.Sum256([]byte(v.Texts[language])),
				})
			}
		}
		if len(file.Purposes[purpose]) == 0 {
			return nil, fmt.Errorf("consent: there is no wording for %s", purpose)
		}
	}
	return all, nil
}

// Wordings are all there are, of each purpose the oldest version first.
func Wordings() ([]Wording, error) {
	all, err := allWordings()
	return slices.Clone(all), err
}

// WordingOf finds one version's words; the newest when version is empty.
func WordingOf(purpose Purpose, version, language string) (Wording, error) {
	all, err := allWordings()
	if err != nil {
		return Wording{}, err
	}
	for _, w := range slices.Backward(all) {
		if w.Purpose == purpose && w.Language == language && (version == "" || w.Version == version) {
			return w, nil
		}
	}
	return Wording{}, ErrWording
}
