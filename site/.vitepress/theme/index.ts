// The reader's own fonts: nothing is fetched but what a page needs.
import theme from "vitepress/theme-without-fonts";
import "./site.css";

export default theme;
