import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { painted } from "./lib/ipc";
import { density } from "./lib/state/density.svelte";
import { theme } from "./lib/state/theme.svelte";
import { zoom } from "./lib/state/zoom.svelte";

theme.apply();
density.apply();
zoom.apply();

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
mount(App, { target });

// Two frames later the first picture is on the screen. A window that stays blank never gets there.
requestAnimationFrame(() => requestAnimationFrame(() => void painted()));
