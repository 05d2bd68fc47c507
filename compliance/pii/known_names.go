package pii

import (
	"math/bits"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"
)

var nameLexicon = sync.OnceValue(newNameLexicon)

// A form is how a known name can be said: one of its parts, or several joined.
type form struct {
	key    string
	joined bool
	single bool // one part, that may be said letter by letter
	set    uint32
}

// A hit is a run of tokens that says a known name.
type hit struct {
	from, to int // tokens, to exclusive
	doubtful bool
}

// maxForms bounds the work that a request's names make.
const maxForms = 256

// matchNames finds names whose spelling is known, as what sample says.
func (s *scan) matchNames(names []string, sample finding) {
	if len(names) == 0 {
		return
	}
	w := &s.known
	w.forms, w.hits = w.forms[:0], w.hits[:0]
	for _, n := range names {
		w.addForms(n)
	}
	s.keyTokens()
	for i := range s.tokens {
		if s.tokens[i].kind == word {
			s.matchForms(i)
		}
	}
	s.joinHits(sample)
	clear(w.forms)
	clear(w.arena) // a scan that waits for its next text holds nothing of this one
}

// addForms takes a name apart.
func (w *knownWork) addForms(name string) {
	if len(name) > 256 {
		name = name[:256]
	}
	tokens, _ := tokenize(nil, nil, name)
	var parts []string
	var whole []int
	for _, t := range tokens {
		if t.kind == word {
			if key := string(appendKey(nil, t.fold)); key != "" {
				parts = append(parts, key)
				whole = append(whole, utf8.RuneCountInString(t.fold))
			}
		}
	}
	for i, p := range parts {
		lone := whole[i] >= 3 && !strings.Contains(particleKeys, " "+p+" ") || len(parts) == 1 || p[0] >= utf8.RuneSelf
		if lone {
			w.putForm(form{key: p})
		}
		joined := p
		for j := i + 1; j < len(parts) && j < i+5; j++ {
			joined += parts[j]
			if len(joined) >= 4 {
				w.putForm(form{key: joined, joined: true})
			}
		}
		if len(p) >= 4 {
			w.putForm(form{key: p, joined: true, single: true})
		}
	}
}

func (w *knownWork) putForm(f form) {
	if len(w.forms) < maxForms {
		f.set = letterSet(f.key)
		w.forms = append(w.forms, f)
	}
}

// particleKeys are the particles that stand for nobody alone.
const particleKeys = " van von de der den del della di da do das du des la le les zu zum zur ter ten te el al bin ibn af av dello degli the and und mac "

// keyTokens makes the key of each word of the text.
func (s *scan) keyTokens() {
	w := &s.known
	tokens := s.words()
	w.arena, w.places = w.arena[:0], w.places[:0]
	w.sets = w.sets[:0]
	for i := range tokens {
		from := len(w.arena)
		if tokens[i].kind == word {
			w.arena = appendKey(w.arena, tokens[i].fold)
		}
		w.places = append(w.places, stretch{from, len(w.arena)})
		w.sets = append(w.sets, letterSet(w.key(i)))
	}
}

// key is the key of token i. It lies in memory that the next keyTokens uses.
func (w *knownWork) key(i int) string {
	p := w.places[i]
	if p.start == p.end {
		return ""
	}
	return unsafe.String(&w.arena[p.start], p.end-p.start)
}

// matchForms notes whether a name begins at token i.
func (s *scan) matchForms(i int) {
	w := &s.known
	key := w.key(i)
	if key == "" {
		return
	}
	best, doubtful := 0, false
	for f := range w.forms {
		form := &w.forms[f]
		if form.joined {
			if n := s.walk(i, form.key); n > best && (n > 1 || !form.single) {
				best, doubtful = n, false
			}
			continue
		}
		if best > 1 || best == 1 && !doubtful {
			continue
		}
		if same, doubt := s.sameName(i, key, form); same {
			best, doubtful = 1, doubt
		}
	}
	if best > 0 {
		w.hits = append(w.hits, hit{i, i + best, doubtful})
	}
}

// sameName compares one word with one part of a name. Doubtful is what is a
// name only if something beside says so.
func (s *scan) sameName(i int, key string, f *form) (same, doubtful bool) {
	name := f.key
	if key == name {
		if utf8.RuneCountInString(s.tokens[i].fold) < min(3, utf8.RuneCountInString(name)+1) && key[0] < utf8.RuneSelf {
			return false, false
		}
		l := s.lexeme(i)
		common := l != nil && l.flags&(isPlain|isAmbiguous|isTitle) != 0
		plain := l != nil && l.flags&isPlain != 0
		return true, common && !(s.capital(i) && (!plain || !s.opens(i)))
	}
	if key[0] >= utf8.RuneSelf || len(key) < 4 {
		return false, false
	}
	polish := s.inflects()
	// Two slips change four letters of a word at most: most words are told apart
	// without looking further.
	near := bits.OnesCount32(s.known.sets[i]^f.set) <= 4
	if !inflected(key, name, polish) && (!near || !slip(key, name)) {
		return false, false
	}
	l := s.lexeme(i)
	return l == nil || l.flags&(isPlain|isStreet|isTitle|isAmbiguous) == 0 && (l.flags&isLetterly == 0 || l.flags&isGiven != 0), false
}

// inflects tells whether names may change as Polish ones do: in Polish, where
// the language is none of those whose names do not, and where more words of the
// text are Polish than of the language that the request names.
func (s *scan) inflects() bool {
	lexicon := s.detector.spoken.lexicon
	given, polish := lexicon.Language(s.request.Language), lexicon.Language("pl")
	if given < 0 || given == polish {
		return true
	}
	known := s.spoken.reader.Known()
	return known[polish] > known[given]
}

// letterSet is the set of letters of a key.
func letterSet(key string) (set uint32) {
	for i := range len(key) {
		set |= 1 << (key[i] & 31)
	}
	return set
}

// walk compares a form with several words said one after the other, also with
// single letters, and gives how many tokens it took.
func (s *scan) walk(i int, form string) int {
	w := &s.known
	for j := i; j < len(s.tokens) && j < i+48; j++ {
		t := &s.tokens[j]
		if t.kind == number {
			return 0
		}
		if t.kind == punct {
			if !strings.Contains("'-.,", t.fold) {
				return 0
			}
			continue
		}
		key := w.key(j)
		if key == "" || !strings.HasPrefix(form, key) {
			return 0
		}
		form = form[len(key):]
		if form == "" {
			return j + 1 - i
		}
	}
	return 0
}

// joinHits makes one finding of hits that stand together, and drops doubtful
// ones that stand alone.
func (s *scan) joinHits(sample finding) {
	hits := s.known.hits
	for i := 0; i < len(hits); {
		from, to, doubtful := hits[i].from, hits[i].to, hits[i].doubtful
		i++
		for i < len(hits) && s.together(to, hits[i].from) {
			doubtful = doubtful && hits[i].doubtful && hits[i].from < to
			to = max(to, hits[i].to)
			i++
		}
		if doubtful && !s.introduced(from, to) {
			continue
		}
		sample.start, sample.end = s.tokens[from].start, s.tokens[to-1].end
		s.add(sample)
	}
}

// together tells whether only particles, initials and hyphens stand between.
func (s *scan) together(to, from int) bool {
	if from-to > 4 {
		return false
	}
	for i := to; i < from; i++ {
		t := &s.tokens[i]
		l := s.lexeme(i)
		particle := t.kind == word && (l != nil && l.flags&isParticle != 0 && len(t.fold) > 1)
		if !particle && t.fold != "'" && t.fold != "-" {
			return false
		}
	}
	return true
}

// introduced tells whether a title or an introduction stands before, or "here"
// behind.
func (s *scan) introduced(from, to int) bool {
	if to < len(s.tokens) {
		if l := s.lexeme(to); l != nil {
			for _, rest := range l.after {
				if s.follows(to+1, rest) {
					return true
				}
			}
		}
	}
	for back := 1; back <= 4 && from-back >= 0; back++ {
		l := s.lexeme(from - back)
		if l == nil {
			continue
		}
		if back == 1 && l.flags&isTitle != 0 {
			return true
		}
		for _, c := range l.cues {
			if len(c.rest) == back-1 && c.kind != vagueCue && s.follows(from-back+1, c.rest) {
				return true
			}
		}
	}
	return s.expects(Person) && from <= 1
}
