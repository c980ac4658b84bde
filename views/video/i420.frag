// Draws one I420 picture. Each plane comes as an RGBA texture of a quarter of
// its stride: a texel holds four neighbouring samples of a row.
//
// The textures are filtered linearly and that cannot be changed, so columns
// are always read at texel centres, where nothing mixes. Rows may be read in
// between: the filter then blends the same column of two rows, which is the
// vertical half of a bilinear sample for nothing.

uniform vec2 frame;  // the output, in pixels
uniform vec4 bounds; // the tile: x1, y1, x2, y2, in pixels from the top left

uniform sampler2D planeY;
uniform sampler2D planeU;
uniform sampler2D planeV;

uniform float lumaTexels;   // texels a row
uniform float lumaWidth;    // samples a row that belong to the picture
uniform float lumaHeight;
uniform float chromaTexels;
uniform float chromaWidth;
uniform float chromaHeight;

uniform float cover;        // 1 fills the tile, 0 shows the whole picture
uniform float mirror;       // 1 swaps left and right
uniform float tileWidth;    // width and corner radius in the same unit
uniform float cornerRadius;

uniform float lumaOffset;   // from stored levels to Y' in [0, 1]
uniform float lumaGain;     // and Cb, Cr in [-0.5, 0.5]
uniform float chromaGain;
uniform float redV;
uniform float greenU;
uniform float greenV;
uniform float blueU;

// lane picks one of the four samples of a texel.
float lane(vec4 texel, float index)
{
    vec4 distance = abs(vec4(index) - vec4(0.0, 1.0, 2.0, 3.0));
    return dot(texel, vec4(1.0) - min(distance, vec4(1.0)));
}

float column(sampler2D plane, float x, float row, float texels)
{
    float texel = floor(x * 0.25);
    return lane(texture2D(plane, vec2((texel + 0.5) / texels, row)), x - texel * 4.0);
}

// sample reads a plane bilinearly; sample centres lie at halves.
float sample(sampler2D plane, vec2 at, float width, float height, float texels)
{
    float x = clamp(at.x - 0.5, 0.0, width - 1.0);
    float left = floor(x);
    float right = min(left + 1.0, width - 1.0);
    float row = clamp(at.y, 0.5, height - 0.5) / height;
    return mix(column(plane, left, row, texels), column(plane, right, row, texels), x - left);
}

void main()
{
    vec2 size = bounds.zw - bounds.xy;
    vec2 at = vec2(gl_FragCoord.x, frame.y - gl_FragCoord.y) - bounds.xy;
    // The quad is a little larger than the tile.
    if (at.x < 0.0 || at.y < 0.0 || at.x > size.x || at.y > size.y) {
        discard;
    }

    vec2 picture = vec2(lumaWidth, lumaHeight);
    vec2 ratio = picture / size;
    float stride = cover > 0.5 ? min(ratio.x, ratio.y) : max(ratio.x, ratio.y);
    vec2 source = (at - size * 0.5) * stride + picture * 0.5;
    if (source.x < 0.0 || source.y < 0.0 || source.x > picture.x || source.y > picture.y) {
        discard;
    }
    if (mirror > 0.5) {
        source.x = picture.x - source.x;
    }

    float luma;
    if (stride > 1.5) {
        // Shrinking by half or more would skip samples and sparkle.
        float quarter = stride * 0.25;
        luma = 0.25 * (
            sample(planeY, source + vec2(-quarter, -quarter), lumaWidth, lumaHeight, lumaTexels) +
            sample(planeY, source + vec2(quarter, -quarter), lumaWidth, lumaHeight, lumaTexels) +
            sample(planeY, source + vec2(-quarter, quarter), lumaWidth, lumaHeight, lumaTexels) +
            sample(planeY, source + vec2(quarter, quarter), lumaWidth, lumaHeight, lumaTexels));
    } else {
        luma = sample(planeY, source, lumaWidth, lumaHeight, lumaTexels);
    }
    vec2 half_source = source * 0.5;
    float u = sample(planeU, half_source, chromaWidth, chromaHeight, chromaTexels);
    float v = sample(planeV, half_source, chromaWidth, chromaHeight, chromaTexels);

    luma = (luma * 255.0 - lumaOffset) * lumaGain;
    u = (u * 255.0 - 128.0) * chromaGain;
    v = (v * 255.0 - 128.0) * chromaGain;
    vec3 color = vec3(luma + redV * v, luma + greenU * u + greenV * v, luma + blueU * u);

    float radius = cornerRadius * size.x / tileWidth;
    vec2 corner = abs(at - size * 0.5) - size * 0.5 + radius;
    float distance = length(max(corner, vec2(0.0))) + min(max(corner.x, corner.y), 0.0) - radius;
    float alpha = radius > 0.0 ? clamp(0.5 - distance, 0.0, 1.0) : 1.0;

    gl_FragColor = vec4(clamp(color, 0.0, 1.0), alpha);
}
