package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// streetGap tells whether only a space, and where comma is set a sign too,
// stands in a gap.
func streetGap(gap string, sign bool) bool {
	if len(gap) == 0 || len(gap) > 6 {
		return false
	}
	for i := range len(gap) {
		if strings.IndexByte(" .'-/", gap[i]) < 0 && !(sign && (gap[i] == ',' || gap[i] == 'n' || gap[i] == 'r')) {
			return false
		}
	}
	return true
}

func capital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// streetEnding tells whether a word ends as the names of streets do.
func streetEnding(word []byte, is streetFlags) bool {
	if len(word) < 3 || is&notStreet != 0 {
		return false
	}
	for _, e := range streetEndings[lowerByte(word[len(word)-1])&31] {
		if strings.HasSuffix(string(word), e) && (len(word) > len(e)+2 || is&aloneStreet != 0) {
			return true
		}
	}
	return false
}

// streetEndings are the ends of streets' names by their last letter.
var streetEndings = func() (table [32][]string) {
	for e := range strings.FieldsSeq(`strasse str weg platz allee gasse ring damm ufer steig chaussee promenade zeile straat laan gracht plein
		kade singel dreef markt steenweg gatan vagen vej gade veien gata katu`) {
		last := e[len(e)-1] & 31
		table[last] = append(table[last], e)
	}
	return table
}()

// streetFlags tell what a word is in an address.
type streetFlags uint16

const (
	isSmall       streetFlags = 1 << iota // stands within a street's name
	startsStreet                          // "via", "calle", "rue"
	frenchStreet                          // stands behind the number: "12 rue"
	englishStreet                         // ends a name behind the number: "Road"
	aloneStreet                           // a street's ending that is a word: "Straße"
	oftenNoStreet                         // ... and is often something else: "Platz"
	notStreet                             // ends as a street's name and is none
	streetTitle                           // begins the name of who a street is called after
	betweenStreet                         // stands between number and street: "bis"
)

func streetOf(word []byte) streetFlags {
	h := emptyHash
	for _, b := range word {
		h = h.with(b)
	}
	if streetBits[h>>22]>>(h>>16&63)&1 == 0 {
		return 0
	}
	return streetFlagsOf[string(word)]
}

var streetBits, streetFlagsOf = func() (bits [1 << 10]uint64, flags map[string]streetFlags) {
	flags = map[string]streetFlags{}
	for _, list := range [...]struct {
		flag  streetFlags
		words string
	}{
		{aloneStreet, "strasse str weg platz allee gasse ring damm ufer straat laan plein markt zeile"},
		{oftenNoStreet, "platz ring weg markt plein"},
		{betweenStreet, "bis ter quater"},
		{notStreet, `unterwegs parkplatz arbeitsplatz sitzplatz stellplatz spring bring during string offering ordering catering engineering monitoring manufacturing minutes minute
			minuten nights blocks metres meters times on in und and at for people of spielplatz campingplatz halfweg onderweg supermarkt
			weihnachtsmarkt flohmarkt rollstuhlplatz`},
		{startsStreet, `via viale piazza piazzale piazzetta corso vicolo largo strada contrada lungomare calle callejon avenida avda plaza
			paseo carrer rambla carretera camino ronda travesia glorieta urbanizacion cuesta passeig rue avenue boulevard place chemin allee
			quai impasse cours faubourg chaussee route ulica ulicy ul aleja alei aleje al plac placu pl osiedle osiedlu os ulice rua travessa praca
			bulevardul utca`},
		{frenchStreet, `rue avenue boulevard place chemin allee quai impasse cours bd av blvd route chaussee passage esplanade square
			residence sentier ruelle`},
		{englishStreet, `street st road rd avenue ave lane ln drive dr close court ct crescent square sq terrace gardens grove way place hill
			mews row walk park green parade quay wharf boulevard blvd heights rise view passage yard approach mansions cottages ridge broadway embankment circus vale meadows`},
		{streetTitle, `general marechal president docteur saint sainte st ste commandant colonel capitaine pape roi reine prince abbe pere
			republique liberation gare eglise mairie victoire paix liberte`},
		{isSmall, `de la le les du des d l del della dei degli delle dello di da das dos do los las el y i sw sv san van den der het ten ter
			am an im zum zur von unter auf dem`},
	} {
		for word := range strings.FieldsSeq(list.words) {
			flags[word] |= list.flag
			h := hashOf(word)
			bits[h>>22] |= 1 << (h >> 16 & 63)
		}
	}
	return bits, flags
}()

var streetSides = streetWords("Upper Lower North South East West")

func streetWords(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// italianProvinces are the signs that Italians write behind a town.
const italianProvinces = " AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ EN FC FE FG FI FM FR GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OR PA PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VT VV "

// nations may stand behind a town and are no part of its name.
var nations = streetWords(`belgique belgie belgien belgio belgica belgia belgium france frankreich francia frankrijk francja suisse schweiz svizzera suiza zwitserland szwajcaria switzerland espagne spanien
	spagna espana spanje hiszpania spain italie italien italia wlochy italy allemagne deutschland germania alemania duitsland niemcy germany autriche osterreich austria oostenrijk pays-bas niederlande olanda paesi
	holanda nederland holandia netherlands pologne polen polonia polska poland luxembourg luxemburg irlande irland ireland england scotland wales`)

// townPart are words that stand in towns' names of several words.
var townPart = streetWords("am an der im bei ob sur les en la le los las de del di da do bad sankt st saint sainte san santa new neu nad aan den het am upon nova novo novy gora wielkopolski main rhein")
