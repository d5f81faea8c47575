// A sound and a changed title when something needs an answer; both only for those who asked for them.
const BLINK_MS = 1200;
const NOTES = [523.25, 659.25, 783.99];

export class Chime {
  constructor(soundBox, titleBox) {
    this.soundBox = soundBox;
    this.titleBox = titleBox;
    this.title = document.title;
    this.blinking = null;
    soundBox.addEventListener("change", () => soundBox.checked && this.play());
  }

  call(words) {
    if (this.soundBox.checked) this.play();
    if (!this.titleBox.checked) return;
    clearInterval(this.blinking);
    let on = true;
    document.title = words;
    this.blinking = setInterval(() => {
      on = !on;
      document.title = on ? words : this.title;
    }, BLINK_MS);
  }

  calm() {
    clearInterval(this.blinking);
    document.title = this.title;
  }

  play() {
    this.audio ??= new AudioContext();
    const start = this.audio.currentTime + 0.05;
    NOTES.forEach((frequency, index) => {
      const tone = this.audio.createOscillator();
      const volume = this.audio.createGain();
      tone.frequency.value = frequency;
      const at = start + index * 0.18;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.15, at + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(at);
      tone.stop(at + 0.55);
    });
  }
}
