package numbers

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"strings"
)

// Crypto tells whether s is an address of Bitcoin (old or bech32 form) or of
// Ethereum whose check agrees. An Ethereum address in letters of one case
// carries no check and is taken by its form.
func Crypto(s string) bool {
	switch {
	case strings.HasPrefix(s, "0x"):
		return ethereum(s[2:])
	case len(s) > 3 && strings.EqualFold(s[:3], "bc1"):
		return bech32(s)
	case len(s) >= 26 && len(s) <= 35 && (s[0] == '1' || s[0] == '3'):
		return base58(s)
	}
	return false
}

const base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 checks the last four bytes of the 25 that s says: they are the
// beginning of a double hash of the others.
func base58(s string) bool {
	var out [25]byte
	for i := range len(s) {
		carry := strings.IndexByte(base58Digits, s[i])
		if carry < 0 {
			return false
		}
		for j := len(out) - 1; j >= 0; j-- {
			carry += int(out[j]) * 58
			out[j] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return false
		}
	}
	first := sha256.Sum256(out[:21])
	second := sha256.Sum256(first[:])
	return [4]byte(second[:4]) == [4]byte(out[21:])
}

const bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 checks an address of the later form: a polynomial over its letters
// leaves one of two rests.
func bech32(s string) bool {
	lower := strings.ToLower(s)
	if len(s) < 14 || len(s) > 90 || s != lower && s != strings.ToUpper(s) {
		return false
	}
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = (sum&0x1FFFFFF)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3} {
			if top>>i&1 != 0 {
				sum ^= g
			}
		}
	}
	for _, v := range []byte{'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31} {
		step(v)
	}
	for i := 3; i < len(lower); i++ {
		at := strings.IndexByte(bech32Digits, lower[i])
		if at < 0 {
			return false
		}
		step(byte(at))
	}
	return sum == 1 || sum == 0x2BC830A3
}

// ethereum checks 40 hexadecimal digits: each letter's case is a bit of the
// address's hash.
func ethereum(s string) bool {
	if _, err := hex.DecodeString(s); err != nil || len(s) != 40 {
		return false
	}
	lower := strings.ToLower(s)
	if s == lower || s == strings.ToUpper(s) {
		return true
	}
	hash := keccak256([]byte(lower))
	for i := range len(s) {
		nibble := hash[i/2] >> (4 * (1 - i%2)) & 15
		if lower[i] >= 'a' && (s[i] < 'a') != (nibble > 7) {
			return false
		}
	}
	return true
}

// keccak256 is the hash that Ethereum took before SHA-3 changed its padding; the
// standard library has the later one only. data is shorter than one block.
func keccak256(data []byte) [32]byte {
	const rate = 136
	var block [rate]byte
	copy(block[:], data)
	block[len(data)] = 1
	block[rate-1] |= 0x80
	var state [25]uint64
	for i := range rate / 8 {
		for j := range 8 {
			state[i] |= uint64(block[8*i+j]) << (8 * j)
		}
	}
	keccakF(&state)
	var out [32]byte
	for i := range out {
		out[i] = byte(state[i/8] >> (8 * (i % 8)))
	}
	return out
}

// keccakF is the permutation of FIPS 202, section 3. The constants of its rounds
// come from the shift register that the standard names.
func keccakF(a *[25]uint64) {
	register := byte(1)
	for range 24 {
		var c [5]uint64
		for x := range 5 {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for i := range a {
			a[i] ^= c[(i+4)%5] ^ bits.RotateLeft64(c[(i+1)%5], 1)
		}
		x, y, current := 1, 0, a[1]
		for t := range 24 {
			x, y = y, (2*x+3*y)%5
			at := x + 5*y
			a[at], current = bits.RotateLeft64(current, (t+1)*(t+2)/2), a[at]
		}
		for y := 0; y < 25; y += 5 {
			row := [5]uint64(a[y : y+5])
			for x := range 5 {
				a[y+x] = row[x] ^ ^row[(x+1)%5]&row[(x+2)%5]
			}
		}
		for j := range 7 {
			if register&1 != 0 {
				a[0] ^= 1 << (1<<j - 1)
			}
			high := register >> 7
			register <<= 1
			if high != 0 {
				register ^= 0x71
			}
		}
	}
}
