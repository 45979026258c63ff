export default function Forbidden() {
  return <p>not for you</p>;
}
