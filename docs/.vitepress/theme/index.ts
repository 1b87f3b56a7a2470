// VitePress's own theme in the house's colours.
import DefaultTheme from "vitepress/theme";

import "./house.css";

export default DefaultTheme;
