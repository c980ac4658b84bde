package video

import (
	_ "embed"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/session/frame"
)

//go:embed i420.frag
var shaderBody string

const (
	desktopHeader = "#version 110\n"
	// OpenGL ES has no default precision; sample positions of an HD picture
	// need the high one.
	embeddedHeader = "#version 100\n" +
		"#ifdef GL_FRAGMENT_PRECISION_HIGH\nprecision highp float;\n" +
		"#else\nprecision mediump float;\n#endif\nprecision mediump sampler2D;\n"
)

// shaderSurface hands the planes to the GPU as they are.
type shaderSurface struct {
	shader *canvas.Shader
	slots  *slots
	slot   *slot
	planes [3]*image.RGBA // the textures of a picture: headers over its bytes
}

func newShaderSurface(s *slots) *shaderSurface {
	shader := newShader(shaderBody)
	shader.Hide()
	return &shaderSurface{shader: shader, slots: s}
}

func newShader(body string) *canvas.Shader {
	shader := canvas.NewShader("", []byte(desktopHeader+body), []byte(embeddedHeader+body))
	shader.Textures = make(map[string]image.Image, 3)
	shader.Uniforms = make(map[string]float32, 32)
	return shader
}

func (s *shaderSurface) object() fyne.CanvasObject { return s.shader }

func (s *shaderSurface) show(f *frame.Frame, o *Options) {
	if f == nil {
		s.drop()
		return
	}
	if s.slot == nil {
		s.slot = s.slots.acquire()
		s.shader.Name = s.slot.name
	}
	for i := range s.planes {
		s.planes[i] = s.slot.header()
	}
	setTexels(s.planes[0], f.Y, f.StrideY, f.Height)
	setTexels(s.planes[1], f.U, f.StrideUV, f.ChromaHeight())
	setTexels(s.planes[2], f.V, f.StrideUV, f.ChromaHeight())
	s.shader.Textures["planeY"] = s.planes[0]
	s.shader.Textures["planeU"] = s.planes[1]
	s.shader.Textures["planeV"] = s.planes[2]
	setUniforms(s.shader.Uniforms, f, o, s.shader.Size().Width)
	s.shader.Show()
}

// drop gives the slot back. The painter still knows the last headers, and
// through them would keep the frame's bytes alive.
func (s *shaderSurface) drop() {
	s.shader.Hide()
	clear(s.shader.Textures)
	for i, p := range s.planes {
		if p != nil {
			*p = image.RGBA{}
			s.planes[i] = nil
		}
	}
	if s.slot != nil {
		s.slots.release(s.slot)
		s.slot = nil
	}
}

func setUniforms(u map[string]float32, f *frame.Frame, o *Options, width float32) {
	m := matrixOf(f)
	u["lumaTexels"] = float32(f.StrideY / 4)
	u["lumaWidth"] = float32(f.Width)
	u["lumaHeight"] = float32(f.Height)
	u["chromaTexels"] = float32(f.StrideUV / 4)
	u["chromaWidth"] = float32(f.ChromaWidth())
	u["chromaHeight"] = float32(f.ChromaHeight())
	u["cover"] = flag(o.Fit == Cover)
	u["mirror"] = flag(f.Mirrored || o.Mirror)
	u["tileWidth"] = max(width, 1)
	u["cornerRadius"] = o.CornerRadius
	u["lumaOffset"] = float32(m.lumaOffset)
	u["lumaGain"] = float32(m.lumaGain)
	u["chromaGain"] = float32(m.chromaGain)
	u["redV"] = float32(m.redV)
	u["greenU"] = float32(m.greenU)
	u["greenV"] = float32(m.greenV)
	u["blueU"] = float32(m.blueU)
}

func flag(on bool) float32 {
	if on {
		return 1
	}
	return 0
}
