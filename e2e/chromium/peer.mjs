// A Chromium in a room, by livekit-client. It publishes a fake camera and
// microphone, plays everybody, and prints its statistics as JSON lines.
// Usage: node peer.mjs URL TOKEN_FILE SECONDS
// PEER_CAMERA is none, fake, or the path of a Y4M file; PEER_MICROPHONE is fake,
// real or none, and PEER_PROCESSING says what is done to it: echo,noise,gain or
// none. With PEER_CLIP, the path of a Y4M file at 30 pictures a second, the page
// itself makes the pictures, and tells when. PEER_PUBLISH has livekit-client's options
// of how the picture is published, in JSON, as {"videoCodec":"vp9"}. With PEER_TAB=HERTZ
// it shares a tab that plays a tone, as livekit-client publishes one's sound. With
// PEER_WINDOW=WIDTH,HEIGHT it shows everybody in a real window.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [url, tokenFile, seconds] = process.argv.slice(2);
const source = process.env.PEER_CAMERA ?? 'fake';
const camera = source !== 'none';
const clip = process.env.PEER_CLIP ? readFileSync(process.env.PEER_CLIP) : null;
const size = process.env.PEER_WINDOW;
const publish = JSON.parse(process.env.PEER_PUBLISH ?? '{}');
const microphone = process.env.PEER_MICROPHONE ?? 'fake';
const tab = Number(process.env.PEER_TAB ?? 0);
const wanted = (process.env.PEER_PROCESSING ?? 'echo,noise,gain').split(',');
const processing = {
  echoCancellation: wanted.includes('echo'), noiseSuppression: wanted.includes('noise'), autoGainControl: wanted.includes('gain'),
};
const token = readFileSync(tokenFile, 'utf8').trim();
const library = readFileSync(fileURLToPath(new URL('node_modules/livekit-client/dist/livekit-client.umd.js', import.meta.url)));

// Cameras are for secure pages, and loopback counts as one.
const site = createServer((request, response) => {
  if (request.url === '/livekit.js') {
    response.setHeader('Content-Type', 'text/javascript');
    response.end(library);
    return;
  }
  if (request.url === '/clip' && clip) {
    response.end(clip);
    return;
  }
  response.setHeader('Content-Type', 'text/html');
  response.end(`<!doctype html><title>peer</title><script src="/livekit.js"></script><style>
    body { margin: 0; height: 100vh; display: grid; gap: 4px; background: #ddd; grid-auto-rows: minmax(0, 1fr); }
    video { width: 100%; height: 100%; object-fit: cover; } audio { display: none; }
  </style><body></body>`);
});
await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  ignoreDefaultArgs: ['--mute-audio'],
  headless: !size,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required', ...(microphone === 'real' ? [] : ['--use-fake-device-for-media-stream']),
    ...(source === 'fake' || source === 'none' ? [] : [`--use-file-for-fake-video-capture=${source}`]),
    ...(size ? [`--window-size=${size}`, '--window-position=0,0', '--kiosk'] : []),
  ],
});
let status = 0;
try {
  const page = await browser.newPage(size ? { viewport: null } : {});
  await page.exposeFunction('tell', (event) => console.log(JSON.stringify(event)));
  page.on('pageerror', (error) => console.error(String(error)));
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  await page.evaluate(async ({ url, token, camera, clip, microphone, processing, publish, tab }) => {
    const room = new LivekitClient.Room();
    window.room = room;
    const began = performance.now();
    let seen = false;
    room.on('trackSubscribed', (track) => {
      const element = track.attach();
      document.body.append(element);
      const videos = document.querySelectorAll('video').length;
      document.body.style.gridTemplateColumns = `repeat(${Math.ceil(Math.sqrt(videos || 1))}, minmax(0, 1fr))`;
      if (track.kind !== 'video') return;
      element.requestVideoFrameCallback(() => {
        if (!seen) window.tell({ event: 'first_video', since_join_ms: performance.now() - began });
        seen = true;
      });
    });
    await room.connect(url, token);
    if (camera) await room.localParticipant.setCameraEnabled(true, undefined, publish);
    if (clip) {
      const bytes = new Uint8Array(await (await fetch('/clip')).arrayBuffer());
      const end = bytes.indexOf(10);
      const header = new TextDecoder().decode(bytes.subarray(0, end)).split(' ');
      const field = (letter) => Number(header.find((word) => word.startsWith(letter)).slice(1));
      const layout = { format: 'I420', codedWidth: field('W'), codedHeight: field('H') };
      const length = layout.codedWidth * layout.codedHeight * 3 / 2;
      const pictures = [];
      for (let at = end + 1; at < bytes.length; at += 6 + length) pictures.push(bytes.subarray(at + 6, at + 6 + length)); // after "FRAME\n"
      const track = new MediaStreamTrackGenerator({ kind: 'video' });
      const writer = track.writable.getWriter();
      const first = performance.now();
      const made = [];
      let n = 0;
      const give = () => {
        const picture = new VideoFrame(pictures[n % pictures.length], { ...layout, timestamp: performance.now() * 1000 });
        made.push([n % pictures.length, performance.timeOrigin + performance.now()]);
        writer.write(picture);
        if (made.length > 1200) made.shift();
        n++;
        setTimeout(give, Math.max(0, first + n * 1000 / 30 - performance.now()));
      };
      give();
      setInterval(() => window.tell({ event: 'made', pictures: made }), 1000);
      await room.localParticipant.publishTrack(track, { source: 'camera', videoCodec: 'vp8', ...publish });
    }
    if (tab) {
      const context = new AudioContext();
      const tone = new OscillatorNode(context, { frequency: tab });
      const output = context.createMediaStreamDestination();
      tone.connect(output);
      tone.start();
      await room.localParticipant.publishTrack(output.stream.getAudioTracks()[0], { source: LivekitClient.Track.Source.ScreenShareAudio, dtx: false });
    }
    if (microphone !== 'none') {
      await room.localParticipant.setMicrophoneEnabled(true, processing);
    }
  }, { url, token, camera, clip: clip !== null, microphone, processing, publish, tab });
  console.log(JSON.stringify({ event: 'joined' }));
  for (let i = 0; i < Number(seconds); i++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const streams = await page.evaluate(async () => {
      const out = [];
      for (const participant of window.room.remoteParticipants.values()) {
        for (const publication of participant.trackPublications.values()) {
          const report = await publication.track?.getRTCStatsReport();
          report?.forEach((entry) => {
            if (entry.type !== 'inbound-rtp') return;
            out.push({
              user: participant.identity, kind: entry.kind, source: publication.source, frames: entry.framesDecoded ?? 0, width: entry.frameWidth ?? 0,
              height: entry.frameHeight ?? 0, freezes: entry.totalFreezesDuration ?? 0, energy: entry.totalAudioEnergy ?? 0, packets: entry.packetsReceived,
              concealed: (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0),
            });
          });
        }
      }
      return out;
    });
    const sent = await page.evaluate(async () => {
      const out = [];
      for (const publication of window.room.localParticipant.videoTrackPublications.values()) {
        const senders = [publication.track.sender, ...[...publication.track.simulcastCodecs.values()].map((codec) => codec.sender)];
        for (const sender of senders) {
          const report = await sender?.getStats();
          report?.forEach((entry) => {
            if (entry.type !== 'outbound-rtp') return;
            out.push({
              codec: report.get(entry.codecId)?.mimeType ?? '', mode: entry.scalabilityMode ?? '', encoder: entry.encoderImplementation ?? '',
              frames: entry.framesEncoded ?? 0, width: entry.frameWidth ?? 0, height: entry.frameHeight ?? 0,
              keys: entry.keyFramesEncoded ?? 0, pli: entry.pliCount ?? 0, rid: entry.rid ?? '',
            });
          });
        }
      }
      return out;
    });
    console.log(JSON.stringify({ event: 'stats', streams, sent }));
  }
} catch (error) {
  console.error(String(error));
  status = 1;
} finally {
  await browser.close();
  site.close();
}
process.exit(status);
